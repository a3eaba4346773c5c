/** What the bench asks of the load generator, a process of its own that knows nothing of the product. */
export interface LoadTarget {
  startUrl: string;
  headers: Record<string, string>;
  /** Sent with every payment, beside its orderId. */
  body: Record<string, unknown>;
  /**
   * How the load generator, as the customer, pays after the answer: at one address for all orders, or on the page that
   * the answer leads to. Unset if nobody pays.
   */
  pay?: { url: string; webhookUrl: string } | 'on the page of nextAction';
}

export type LoadShape =
  /** So many customers, each starting the next payment when the last is finished: finds the ceiling. */
  | { kind: 'closed'; concurrency: number; warmUpMs: number; measureMs: number }
  /** So many whole payments one after another: the latency of an idle platform. */
  | { kind: 'alone'; warmUpPayments: number; payments: number }
  /** Payments at their appointed times, whatever became of the earlier ones. */
  | { kind: 'open'; schedule: Schedule }
  /** So many are started, so many at once, and nobody pays. */
  | { kind: 'start'; concurrency: number; count: number }
  /** Prepared messages at their appointed times; the answer is what is measured. */
  | { kind: 'deliver'; schedule: Schedule; messages: PreparedMessage[] };

export interface Schedule {
  seed: number;
  ratePerSecond: number;
  from: number;
  count: number;
}

export interface PreparedMessage {
  headers: Record<string, string>;
  body: string;
  /** The order that is finished by it: waited for, so that nothing of it is left when the run ends. */
  orderId?: string;
}

export interface LoadRun {
  target: LoadTarget;
  shape: LoadShape;
  orderPrefix: string;
}

export interface LoadReport {
  /** Of each answer that counted, in the order of their starts; in an open loop from the intended start. */
  answersMs: number[];
  /** Finished within the time that counts. */
  finished: number;
  /** All of them, warm-up included: what CPU time is shared out over. */
  started: number;
  elapsedMs: number;
  failures: number;
  firstFailure?: string;
  /** Orders that finished, for whoever wants to look at their histories. */
  lastOrderIds: string[];
}

export type LoadRequest = { id: number; run: LoadRun };
export type LoadReply = { id: number; report: LoadReport } | { id: number; error: string };

export interface LoadReady {
  /** Finished orders are told here: a JSON list of ids, or a merchant's callback. */
  doneUrl: string;
}
