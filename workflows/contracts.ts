/**
 * Messages and types between the API, the workflows and the activities. Everything here crosses Temporal as
 * JSON: no bigint, no Date. A change must read what yesterday's histories hold (test/replay proves it).
 */
import { publicId } from '../domain/ids';
import type { RefusedBecause } from '../domain/payment/command';
import type { ChannelError, ChargeEvent, DisputeEvent, RefundEvent } from '../domain/payment/outcome';
import type { Mode } from '../domain/payment/reference';
import type { PaymentMethod, PaymentRequest } from '../domain/payment/request';
import type { PaymentState } from '../domain/payment/state';
import type { DisputeStatus } from '../domain/dispute/status';
import type { MessageStatus } from '../domain/message/status';
import type { RefundStatus } from '../domain/refund/status';
import type { SuspenseKey } from '../domain/suspense/suspense-id';

export const taskQueues = { payments: 'payments', operations: 'operations' } as const;

/** The queues' names in this installation: a prefix may stand before them. */
export type TaskQueues = { readonly [Name in keyof typeof taskQueues]: string };

/** A process that died with a workflow task is waited for no longer than this; Temporal's own measure is twice as long. */
export const workflowTaskTimeout = '5s' as const;
/** The same for an activity: its process says so often that it lives. */
export const heartbeatTimeout = '5s' as const;

export const workflowNames = {
  payment: 'payment',
  late: 'late',
  refund: 'refund',
  suspense: 'suspense',
  callback: 'callback',
  sweep: 'sweep',
  dispute: 'dispute',
  message: 'message',
} as const;

export const updateNames = { command: 'command', submitEvidence: 'submitEvidence' } as const;

export const signalNames = {
  channelEvent: 'channelEvent',
  resend: 'resend',
  refundEvent: 'refundEvent',
  decided: 'decided',
  disputeEvent: 'disputeEvent',
  look: 'look',
} as const;

export interface PaymentInput {
  request: PaymentRequest;
  /** Past this moment no first call goes to a provider: an abandoned request must not charge later. */
  openBy: string;
  firstPollMs: number;
  pollMsMax: number;
  /** A new run of a payment that stands in the database: its first call is long past. */
  isResumed?: boolean;
}

/** An event that stands committed in webhook_inbox. */
export interface SignalledEvent {
  inboxId: string;
  channelConfigId: string;
  event: ChargeEvent;
}

/** Who asks: kept with what it changes. */
export interface AskedBy {
  role: 'merchant' | 'operator';
  keyId: string;
}

/** What can be asked of a running payment. `id` is the same when the same request is sent again; after `answerBy` nobody waits. */
export type Command = { id: string; by: AskedBy; answerBy?: string } & (
  | { kind: 'capture'; amountMinor?: string; isFinal: boolean }
  /** `isQueued`: only while no channel can take it; what a customer may be paying is not cancelled by the way. */
  | { kind: 'cancel'; reason: string; isQueued?: boolean }
  /** `provider`: left out, the one that the payment named, if it named one; `auto`, whichever fits. */
  | { kind: 'attempt'; provider?: string; method?: PaymentMethod }
  | { kind: 'review'; decision: 'approve' | 'reject'; reason: string }
  /** Takes a payment that no channel could take to one that can. */
  | { kind: 'retry'; reason: string; provider?: string }
);

export interface CommandRefusal {
  code: RefusedBecause;
  error?: ChannelError;
}

export interface PaymentResult {
  status: PaymentState['status'];
  version: number;
  /** Set when another run owns this orderId: this one had no effect. */
  ownedBy?: string;
}

export interface LateInput {
  inboxId: string;
}

export const sweepKinds = [
  'rates',
  'webhooks',
  'payments',
  'refunds',
  'disputes',
  'callbacks',
  'integrations',
  'messages',
  'maintenance',
] as const;
export type SweepKind = (typeof sweepKinds)[number];

export interface SweepInput {
  kind: SweepKind;
}

/** A callback that did not arrive at the first try. Its times travel with it, so that tests can be quick. */
export interface CallbackInput {
  eventId: string;
  /** The first wait; each further one is twice as long, up to `retryMsMax`. */
  firstRetryMs: number;
  retryMsMax: number;
  /** When so much time has passed it is abandoned. */
  retryForMs: number;
  tryTimeoutMs: number;
}

export interface CallbackResult {
  status: 'delivered' | 'abandoned';
  /** Why it was abandoned. */
  reason?: string;
}

export function callbackWorkflowId(eventId: string): string {
  return `callback/${publicId('event', eventId)}`;
}

/** What a refund is asked for with; it stands in the row from the first step on. */
export interface RefundAsk {
  paymentId: string;
  merchantId: string;
  mode: Mode;
  currency: string;
  /** Undefined: all that is left. */
  amountMinor?: string;
  /** What stands in the row until "all that is left" is reckoned. */
  paymentAmountMinor: string;
  reason: string;
  refundNo?: string;
  /** Late money that was accepted; undefined: the payment's own. */
  lateCharge?: SuspenseKey;
  requestHash: string;
  by: AskedBy;
}

export interface RefundTimings {
  /** The first look at a refund that the channel has taken and not finished; each further wait is twice as long. */
  firstPollMs: number;
  pollMsMax: number;
  /** So long a refund waits for a capture that is under way. */
  waitForPaymentMs: number;
}

export interface RefundInput {
  refundId: string;
  /** Left out by a run that finds its row: late money, or a resumed refund. */
  ask?: RefundAsk;
  /** The same for accepted money; a worker that does not know it yet must not take it for the payment's own. */
  askOfAccepted?: RefundAsk & { lateCharge: SuspenseKey };
  /** Past this moment nothing new is written: an abandoned request must not refund later. */
  openBy: string;
  timings: RefundTimings;
  /** So often the run that this one continues had looked in vain: it goes on at the same pace. */
  looks?: number;
}

export interface RefundResult {
  status: RefundStatus;
  /** Set when the merchant's number belonged to another refund: this run had no effect. */
  ownedBy?: string;
}

/** A refund's event that stands committed in webhook_inbox. */
export interface SignalledRefundEvent {
  inboxId: string;
  event: RefundEvent;
}

/** Of an event for a payment that has ended. */
export function lateWorkflowId(inboxId: string): string {
  return `late/${inboxId}`;
}

export function refundWorkflowId(refundId: string): string {
  return `refund/${publicId('refund', refundId)}`;
}

/** A charge in suspense; its workflow brings it to an end. */
export type SuspenseInput = SuspenseKey;

export interface SuspenseResult {
  decision?: 'refund' | 'accept';
}

export function suspenseWorkflowId({ channelConfigId, providerRef }: SuspenseKey): string {
  return `suspense/${publicId('channelConfig', channelConfigId)}/${providerRef}`;
}

/** A dispute is named as its channel names it, so that every event about it meets in one workflow. */
export interface DisputeInput {
  channelConfigId: string;
  providerRef: string;
}

/** A dispute's event that stands committed in webhook_inbox. */
export interface SignalledDisputeEvent {
  inboxId: string;
  channelConfigId: string;
  event: DisputeEvent;
}

/** Evidence that stands, sealed, in dispute_evidence. */
export interface GivenEvidence {
  disputeId: string;
  evidenceId: string;
  by: AskedBy;
}

export interface DisputeProgress {
  disputeId: string;
  status: DisputeStatus;
  version: number;
  /** When there is something to do without being told; left out if there is not. */
  wakeAt?: string;
}

export interface DisputeResult {
  /** Left out when there was no dispute. */
  status?: DisputeStatus;
}

export function disputeWorkflowId({ channelConfigId, providerRef }: DisputeInput): string {
  return `dispute/${publicId('channelConfig', channelConfigId)}/${providerRef}`;
}

/** A mail or SMS whose row stands in `messages`. */
export interface MessageInput {
  messageId: string;
}

export interface MessageProgress {
  status: MessageStatus;
  /** Until the next look; left out when there is nothing more to do. */
  waitMs?: number;
}

export interface MessageResult {
  status: MessageStatus;
}

export function messageWorkflowId(messageId: string): string {
  return `message/${publicId('message', messageId)}`;
}
