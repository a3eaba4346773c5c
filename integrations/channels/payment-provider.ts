import type { ChargeOutcome, ChargeStatus, ChannelEvent } from '../../domain/payment/outcome';

/** What a channel can do, as data: routing, the API's checks and the contract tests all read it. */
export interface ChannelCapabilities {
  currencies: readonly string[];
  methods: readonly string[];
  /** Starting the same reference twice is one charge: an unanswered start may be repeated. */
  idempotentCreate: boolean;
  query: boolean;
  cancel: boolean;
  refund: 'none' | 'full' | 'partial';
  manualCapture: 'none' | 'full' | 'partial';
}

/** One configured account at a provider. Credentials are already decrypted; never log this. */
export interface ChannelConfig {
  id: string;
  channel: string;
  mode: 'live' | 'test';
  baseUrl: string;
  credentials: Record<string, string>;
}

/** What every call to a provider carries. The deadline is the caller's; a time-out is an unknown outcome. */
export interface ChannelCall {
  config: ChannelConfig;
  timeoutMs: number;
  /** Follows the call through logs to the workflow. */
  correlationId: string;
}

export interface ChargeRequest {
  reference: string;
  amount: bigint;
  currency: string;
  description: string;
  /** Where the provider sends its webhooks for this charge. */
  webhookUrl: string;
  /** Where the customer's browser goes afterwards. */
  returnUrl?: string;
  expiresAt: Date;
}

export interface ChargeQuery {
  reference: string;
  providerRef?: string;
  currency: string;
}

export interface PaymentProvider {
  readonly name: string;
  readonly capabilities: ChannelCapabilities;
  startCharge(call: ChannelCall, request: ChargeRequest): Promise<ChargeOutcome>;
  queryCharge(call: ChannelCall, query: ChargeQuery): Promise<ChargeStatus>;
  /** Afterwards the charge is cancelled, or the status says why it can't be (paid meanwhile, say). */
  cancelCharge(call: ChannelCall, query: ChargeQuery): Promise<ChargeStatus>;
}

export interface RawWebhook {
  /** Lower-case names. */
  headers: Readonly<Record<string, string | undefined>>;
  body: Buffer;
  receivedAt: Date;
}

export type WebhookVerdict =
  | { kind: 'verified'; event: ChannelEvent }
  /** Genuine, but nothing that payments care about: acknowledged and kept. */
  | { kind: 'irrelevant'; eventId: string }
  | { kind: 'forged' | 'stale' | 'malformed'; reason: string };

export interface WebhookAnswer {
  status: number;
  contentType: string;
  body: string;
}

/** The receiving half of a channel, apart from its client so that the API needs no vendor SDK. */
export interface ChannelWebhook {
  readonly name: string;
  verify(config: ChannelConfig, webhook: RawWebhook): WebhookVerdict;
  /** What this provider must read to stop repeating. */
  readonly acknowledgement: WebhookAnswer;
}
