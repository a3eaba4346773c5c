import type { Story } from '../plan';

/** Messages between the run and the process that plays the merchants and their customers. */
export type ToLoad =
  | { kind: 'play'; stories: Story[]; where: Where; concurrency: number }
  /** Stories before this one may begin. */
  | { kind: 'release'; before: number }
  /** Callbacks are taken from now on. */
  | { kind: 'heal' }
  | { kind: 'report' };

export type FromLoad =
  | { ready: { callbackUrl: string } }
  | { kind: 'begun'; stories: number }
  | { kind: 'played' }
  | { kind: 'report'; report: LoadReport };

export interface Where {
  /** Ends in /api/v1. */
  api: string;
  kpay: string;
  apiKey: string;
  /** Of a merchant who must see nothing of the other one's. */
  strangerKey: string;
  callbackSecret: string;
  /** What may stand in no answer and no callback. */
  secrets: string[];
}

/** What the platform promised by a 2xx. */
export interface Acknowledged {
  orderId: string;
  paymentId: string;
  amount: string;
  currency: string;
  /** Its cancellation was confirmed. */
  isCancelled?: true;
}

export interface AcknowledgedRefund {
  refundNo: string;
  refundId: string;
  paymentId: string;
  amount: string;
}

export interface HeardCallback {
  id: string;
  body: string;
  times: number;
  /** The same id came with another body. */
  isChanged: boolean;
}

export interface LoadReport {
  operations: Record<string, number>;
  acknowledged: Acknowledged[];
  refunds: AcknowledgedRefund[];
  /** Posted, and never acknowledged within the time that a merchant waits. */
  unanswered: string[];
  callbacks: HeardCallback[];
  /** Done by the merchant's side: callbacks refused, answers not waited for … */
  faults: Record<string, number>;
  /** What a merchant would complain about. */
  problems: string[];
}
