import type { PlanRefusal } from './plan';
import type { PaymentRequest } from './request';
import type { PaymentState } from './state';

/** What a payment's first step hands to the request that waits for it in the same process. */
export type PaymentAnswer =
  | { kind: 'payment'; request: PaymentRequest; state: PaymentState }
  /** Of this very request: what others ask for under its orderId may be something else. */
  | { kind: 'refused'; request: PaymentRequest; refusal: PlanRefusal };

/** Where some wait for a payment's workflow and others deliver, in one process. A shortcut only: PostgreSQL is the truth. */
export interface Desk<Delivery> {
  /** Call before what brings it about, so that nothing can come too early; `leave` in `finally`. Undefined: too many wait. */
  wait(workflowId: string): Ticket<Delivery> | undefined;
  /** Whether anybody waited. */
  deliver(workflowId: string, delivery: Delivery): boolean;
}

export interface Ticket<Delivery> {
  /** What was delivered, or undefined when the time is over. */
  within(timeoutMs: number): Promise<Delivery | undefined>;
  leave(): void;
}

/** Requests wait here for the answer of a payment's first step. */
export type AnswerDesk = Desk<PaymentAnswer>;

/** A payment's first step waits here for what the workflow is told next: a channel's news, or a merchant's wish. */
export type NewsDesk = Desk<'news'>;
