import type { PlanRefusal } from './plan';
import type { PaymentRequest } from './request';
import type { PaymentState } from './state';

/** What a payment's first step hands to the request that waits for it in the same process. */
export type PaymentAnswer =
  | { kind: 'payment'; request: PaymentRequest; state: PaymentState }
  | { kind: 'refused'; refusal: PlanRefusal };

/** Where requests wait and activities deliver. A shortcut only: PostgreSQL is the truth. */
export interface AnswerDesk {
  /** Call before the start, so that no answer can come too early; `leave` in `finally`. Undefined: too many wait. */
  wait(workflowId: string): AnswerTicket | undefined;
  deliver(workflowId: string, answer: PaymentAnswer): void;
}

export interface AnswerTicket {
  /** The answer, or undefined when the time is over. */
  within(timeoutMs: number): Promise<PaymentAnswer | undefined>;
  leave(): void;
}
