import type { CallLimits, RetryPolicy } from '../../domain/config/service';
import type { CredentialField } from '../../domain/channel/credentials';
import type {
  CaptureOutcome,
  ChannelEvent,
  ChargeOutcome,
  ChargeStatus,
  EvidenceOutcome,
  RefundOutcome,
  RefundStatus,
} from '../../domain/payment/outcome';

import type { ChannelAmounts } from '../../domain/routing/amounts';
import type { StatementPage } from '../../domain/statement/row';
import type { CustomerVault } from './customer-vault';

/** What a channel can do, as data: routing, the API's checks and the contract tests all read it. */
export interface ChannelCapabilities {
  currencies: readonly string[];
  methods: readonly string[];
  /** What one charge may come to: something for each currency, by method where the provider makes a difference. */
  amounts: readonly ChannelAmounts[];
  /** Starting the same reference twice is one charge: an unanswered start may be repeated. */
  idempotentCreate: boolean;
  /**
   * Nobody is called at a start: the customer is given what begins the charge at the provider (a signed form, say), and
   * may use it later than we look. So a charge that is not found there may still be paid.
   */
  begunByCustomer?: boolean;
  query: boolean;
  /** What can be called off before money moves: any open charge, or only what is reserved. */
  cancel: 'none' | 'reservations' | 'all';
  /** A charge that was declined can't be paid any more; false: the customer may try again at it, until it is closed. */
  declineEnds: boolean;
  refund: 'none' | 'full' | 'partial';
  /** The provider knows refunds by their sum alone: those of one charge are sent one after the other. */
  refundsOneByOne?: boolean;
  manualCapture: 'none' | 'full' | 'partial';
}

/** Whether money is taken at once, or reserved first and taken by a capture of its own. */
export type CaptureMode = 'automatic' | 'manual';

/** One configured account at a provider. Credentials are already decrypted; never log this. */
export interface ChannelConfig {
  id: string;
  channel: string;
  mode: 'live' | 'test';
  baseUrl: string;
  credentials: Record<string, string>;
  /** What the operator offers of the capabilities' methods: a customer may pay by no other. Absent: all of them. */
  methods?: readonly string[];
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
  /** One of the capabilities' methods, where the merchant named one. */
  method?: string;
  /** `manual`: only reserve the money; it is captured by a call of its own. */
  capture: CaptureMode;
  /** Only where the channel has a `vault`. */
  customer?: ChargeOfCustomer;
}

/** How a charge has to do with a customer whom the channel keeps. */
export type ChargeOfCustomer =
  /** A kept method is charged at once, and nobody is there to confirm anything. */
  | { customerRef: string; methodRef: string }
  /** Whatever the customer pays with now is kept for later charges. */
  | { customerRef: string; methodRef?: undefined };

export interface ChargeQuery {
  reference: string;
  providerRef?: string;
  currency: string;
  /** No call with this reference was begun before; it may be left out where that is not known. */
  sentAt?: Date;
  /** None of them can be under way after this. */
  sentUntil?: Date;
}

export interface CaptureRequest {
  /** The authorised attempt's. */
  chargeReference: string;
  providerRef?: string;
  /** This capture's own: the provider's idempotency key. */
  reference: string;
  amount: bigint;
  currency: string;
  /** Nothing more will be captured: the provider releases the rest. */
  isFinal: boolean;
}

export interface RefundRequest {
  /** The charged attempt's. */
  chargeReference: string;
  providerRef: string;
  /** The refund's id: the provider's idempotency key. */
  reference: string;
  amount: bigint;
  currency: string;
  reason: string;
  /** Where refunds are sent one by one: what the earlier ones of this charge gave back. */
  refundedBefore?: bigint;
}

export type RefundQuery = Omit<RefundRequest, 'reason'>;

export interface EvidenceRequest {
  /** The disputed attempt's. */
  chargeReference: string;
  /** The provider's number of the dispute. */
  disputeRef: string;
  /** This submission's own: the provider's idempotency key. */
  reference: string;
  text: string;
  documents: readonly { name: string; contentType: string; contentBase64: string }[];
}

export interface StatementQuery {
  /** From this moment, and before that one. */
  from: Date;
  to: Date;
  /** The last row of the page before. */
  after?: string;
  limit: number;
}

/** What a provider grants and takes where no contract says otherwise: seeds and screens read it. */
export interface UsualTerms {
  limits: CallLimits;
  timeoutMs: number;
  retryPolicy: RetryPolicy;
  /** Amounts in the currency's main unit. */
  costs: readonly { transactionType: string; currency: string; percent: string; fixed: string }[];
}

export interface PaymentProvider {
  readonly name: string;
  /** The version of the provider's API it speaks. */
  readonly apiVersion: string;
  readonly capabilities: ChannelCapabilities;
  /** How much the provider lets one account ask; absent: it says nothing of a limit. */
  readonly limits?: CallLimits;
  /** How often it is asked for a charge that it certainly did not begin, before the next channel is; absent: as usual. */
  readonly retryPolicy?: RetryPolicy;
  /** What a configuration of this channel has to bring. */
  readonly credentialFields: readonly CredentialField[];
  /**
   * There where not every account takes all of the capabilities' methods, or not each of them can reserve: those by which
   * this account is charged so. Calls nobody; routing goes by it. Absent: all of them, as `manualCapture` allows.
   */
  methodsOf?(credentials: Readonly<Record<string, string>>, capture: CaptureMode): readonly string[];
  /**
   * `unavailable` speaks of this call only: if an earlier call with the same reference got no answer, that one
   * may have charged all the same, and only an order that comes back, or `queryCharge`, can tell.
   */
  startCharge(call: ChannelCall, request: ChargeRequest): Promise<ChargeOutcome>;
  queryCharge(call: ChannelCall, query: ChargeQuery): Promise<ChargeStatus>;
  /** Afterwards the charge is cancelled, or the status says why it can't be (paid meanwhile, say). */
  cancelCharge(call: ChannelCall, query: ChargeQuery): Promise<ChargeStatus>;
  /** There where `manualCapture` is not 'none'. Repeating the same reference captures once. */
  captureCharge?(call: ChannelCall, request: CaptureRequest): Promise<CaptureOutcome>;
  /** There where `refund` is not 'none'. Repeating the same reference refunds once. */
  refundCharge?(call: ChannelCall, request: RefundRequest): Promise<RefundOutcome>;
  queryRefund?(call: ChannelCall, query: RefundQuery): Promise<RefundStatus>;
  /** There where the provider takes evidence from us. Repeating the same reference submits once. */
  submitEvidence?(call: ChannelCall, request: EvidenceRequest): Promise<EvidenceOutcome>;
  /** There where the provider wants to be left alone at times: until then nothing is captured, given up or refunded. */
  pausedUntil?(config: ChannelConfig, at: Date): Pause | undefined;
  /** There where the provider keeps customers and their payment methods. */
  readonly vault?: CustomerVault;
  /** There where the provider tells by an API what moved its balance. */
  listMovements?(call: ChannelCall, query: StatementQuery): Promise<StatementPage>;
}

export interface Pause {
  until: Date;
  /** For people who read why a payment waits; without a full stop. */
  reason: string;
}

export interface RawWebhook {
  /** Lower-case names. */
  headers: Readonly<Record<string, string | undefined>>;
  body: Buffer;
  receivedAt: Date;
}

export type WebhookVerdict =
  | { kind: 'verified'; event: ChannelEvent; bodyKept?: Buffer }
  /**
   * Genuine, but nothing that payments care about: acknowledged and kept. `bodyKept` is what is left of a body that
   * speaks of people.
   */
  | { kind: 'irrelevant'; eventId: string; bodyKept?: Buffer }
  | { kind: 'forged' | 'stale' | 'malformed'; reason: string };

export interface WebhookAnswer {
  status: number;
  contentType: string;
  body: string;
}

/** The receiving half of a channel, apart from its client: it calls nobody. */
export interface ChannelWebhook {
  readonly name: string;
  verify(config: ChannelConfig, webhook: RawWebhook): WebhookVerdict;
  /** What this provider must read to stop repeating. */
  readonly acknowledgement: WebhookAnswer;
}
