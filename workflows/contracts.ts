/**
 * Messages and types between the API, the workflows and the activities. Everything here crosses Temporal as
 * JSON: no bigint, no Date. A change must read what yesterday's histories hold (test/replay proves it).
 */
import { publicId } from '../domain/ids';
import type { RefusedBecause } from '../domain/payment/command';
import type { ChannelError, ChargeEvent } from '../domain/payment/outcome';
import type { PaymentMethod, PaymentRequest } from '../domain/payment/request';
import type { PaymentState } from '../domain/payment/state';

export const taskQueues = { payments: 'payments', operations: 'operations' } as const;

/** The queues' names in this installation: a prefix may stand before them. */
export type TaskQueues = { readonly [Name in keyof typeof taskQueues]: string };

export const workflowNames = {
  payment: 'payment',
  late: 'late',
  callback: 'callback',
  sweep: 'sweep',
} as const;

export const updateNames = { command: 'command' } as const;

export const signalNames = { channelEvent: 'channelEvent', resend: 'resend' } as const;

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

/** What can be asked of a running payment. `id` is the same when the same request is sent again. */
export type Command = { id: string; by: AskedBy } & (
  | { kind: 'capture'; amountMinor?: string; isFinal: boolean }
  | { kind: 'cancel'; reason: string }
  | { kind: 'attempt'; provider?: string; method?: PaymentMethod }
  | { kind: 'review'; decision: 'approve' | 'reject'; reason: string }
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

export type SweepKind = 'webhooks' | 'payments' | 'maintenance';

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
