import type { ConfigDocument } from '../../domain/config/document';
import type { CallFailure, CallOutcome } from '../call-outcome';
import type { ServiceAdapter, ServiceCall } from '../services/service-adapter';

export interface MailMessage {
  kind: 'mail';
  /** Our name of it: travels along where the provider lets it, and comes back in what it tells. */
  reference: string;
  to: string;
  subject: string;
  text: string;
  html?: string;
}

export interface SmsMessage {
  kind: 'sms';
  reference: string;
  /** E.164, with the plus sign. */
  to: string;
  text: string;
  /** Where the provider may tell how the delivery went. */
  statusUrl?: string;
}

export type OutgoingMessage = MailMessage | SmsMessage;
export type MessageKind = OutgoingMessage['kind'];

/** Why, in our words, and the provider's own code for who looks it up. */
export interface MessageError {
  code: string;
  message: string;
  rawCode?: string;
}

/**
 * What came of handing a message over. A refusal's code is ours (`recipient_invalid`, `request_rejected`), its value the
 * provider's. Providers of mail and SMS know no idempotency keys: an unknown outcome is the hard case.
 */
export type SendOutcome = CallOutcome<{ providerRef: string }>;

/** What a provider says of a message when it is asked or tells by itself. */
export type MessageFate =
  | { kind: 'sent' | 'delivered'; providerRef: string }
  | { kind: 'undelivered'; providerRef: string; error: MessageError }
  /** It knows of no such message (yet). */
  | { kind: 'not_found' }
  | { kind: 'unknown'; error: MessageError };

export interface FateQuery {
  reference: string;
  /** Left out when no answer told it. */
  providerRef?: string;
  to: string;
  /** When it was handed over. */
  sentAt: Date;
}

/** A service of mail or SMS: what all services have, and handing over a message. */
export interface MessagingAdapter<
  Configuration extends ConfigDocument = ConfigDocument,
> extends ServiceAdapter<Configuration> {
  readonly messageKind: MessageKind;
  send(call: ServiceCall<Configuration>, message: OutgoingMessage): Promise<SendOutcome>;
  /** There where the provider can be asked. */
  fateOf?(call: ServiceCall<Configuration>, query: FateQuery): Promise<MessageFate>;
  /** Whether it can be found by our reference alone, so that a lost answer can be cleared up. */
  readonly findsByReference: boolean;
}

/** One piece of news about one message. `eventId` is the provider's own, or made of what it says. */
export interface DeliveryEvent {
  eventId: string;
  /** Ours, where the provider gives it back. */
  reference?: string;
  providerRef: string;
  fate: Exclude<MessageFate, { kind: 'not_found' | 'unknown' }>;
  occurredAt: string;
}

export interface RawDelivery {
  /** Lower-case names. */
  headers: Readonly<Record<string, string | undefined>>;
  body: Buffer;
  /** As the provider was given it: some sign it. */
  url: string;
  receivedAt: Date;
}

export type DeliveryVerdict =
  /** Genuine; what is no news of a delivery is left out. */
  | { kind: 'verified'; events: readonly DeliveryEvent[] }
  | { kind: 'forged' | 'stale' | 'malformed'; reason: string };

/** The receiving half of a provider, apart from its client: it calls nobody. */
export interface DeliveryWebhook {
  /** Of the adapter that it belongs to. */
  readonly kind: string;
  verify(configuration: ConfigDocument, delivery: RawDelivery): DeliveryVerdict;
}

/** Nothing was learnt: the fate of a message that could not be asked about. */
export function notLearnt({ code, message }: Pick<CallFailure, 'code' | 'message'>): MessageFate {
  return { kind: 'unknown', error: { code, message } };
}
