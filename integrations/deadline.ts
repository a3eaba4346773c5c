import type { HttpExchange, HttpRequest } from './http-exchange';

/** What was sent, and what became of it. */
export interface Exchanged {
  request: HttpRequest;
  answer?: HttpExchange;
}

/**
 * Until when one call may take. A timer is cheaper than an AbortSignal, and most calls need no more, so the
 * signal is made only for who asks: a vendor's SDK, or a wait in the bulkhead's queue.
 */
export interface Deadline {
  remainingMs(): number;
  readonly signal: AbortSignal;
  /** The last exchange within it: what the call's log tells of. */
  exchanged?: Exchanged;
}

export function createDeadline(timeoutMs: number): Deadline {
  const atMs = performance.now() + timeoutMs;
  let signal: AbortSignal | undefined;
  const remainingMs = () => Math.max(0, atMs - performance.now());
  return {
    remainingMs,
    get signal() {
      signal ??= AbortSignal.timeout(Math.ceil(remainingMs()));
      return signal;
    },
  };
}
