import type { ChargeOutcome } from '../payment/outcome';

/** What a channel's answer to "start a charge" says about going on, and about the channel. */
export interface AnswerVerdict {
  /** `next_channel` only when it is certain that nothing happened; `ask`: nobody knows yet. */
  then: 'next_channel' | 'final' | 'ask';
  /** How it counts in the channel's statistics; undefined: not at all, for no call was made or it says nothing of it. */
  counts?: 'well' | 'failed';
}

/**
 * Codes by which a channel says that this one payment is not for it: no illness of the channel, and no reason to
 * keep a payment that no other one takes either.
 */
const notForThisPayment: ReadonlySet<string> = new Set([
  'amount_not_supported',
  'currency_not_supported',
  'method_not_supported',
  'capture_not_supported',
  'request_rejected',
]);

/** No call left this process: they say nothing about the channel that is not known already. */
const notCalled: ReadonlySet<string> = new Set([
  'circuit_open',
  'channel_busy',
  'channel_switched_off',
  'channel_not_configured',
]);

export function verdictOf(outcome: ChargeOutcome): AnswerVerdict {
  switch (outcome.kind) {
    case 'action':
    case 'processing':
    case 'succeeded':
    case 'authorized':
    case 'declined':
      return { then: 'final', counts: 'well' };
    case 'unknown':
      return { then: 'ask', counts: 'failed' };
    case 'unavailable':
      if (notForThisPayment.has(outcome.error.code)) return { then: 'next_channel', counts: 'well' };
      return notCalled.has(outcome.error.code)
        ? { then: 'next_channel' }
        : { then: 'next_channel', counts: 'failed' };
  }
}

/** It did nothing, and may do it in a moment: it asks for patience, or was being started anew. */
const passing: ReadonlySet<string> = new Set(['connection_refused', 'channel_unavailable', 'rate_limited']);

/** Whether the same channel may be asked again at once, after nothing was done for sure. */
export function mayPassSoon(outcome: ChargeOutcome): boolean {
  return outcome.kind === 'unavailable' && passing.has(outcome.error.code);
}

/** Later is no better: what the channel objects to is the payment itself. */
export function isForGood(code: string): boolean {
  return notForThisPayment.has(code);
}
