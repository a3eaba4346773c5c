import type { RefundOutcome, RefundStatus } from '../../../../../../domain/payment/outcome';
import type { CallOutcome } from '../../../../../../integrations/call-outcome';
import { failureError, refusal } from './errors';
import { unwrittenAnswer } from './unwritten';

/** NewChannel's refunds in our words; pure. The tables are those of docs/channels/newchannel.md. */

/** To write: its codes that refuse a refund for good, and our word for each. */
const refusals: Readonly<Record<string, string>> = {};

/** To write: its codes for "no such refund". */
const notFound: readonly string[] = [];

interface AskedRefund {
  chargeReference: string;
  reference: string;
}

export function refundOutcome(asked: AskedRefund, outcome: CallOutcome<unknown>): RefundOutcome {
  switch (outcome.kind) {
    case 'ok':
      return refundState(asked, outcome.value);
    case 'declined':
      return refused(outcome.code);
    case 'retryable':
    case 'misconfigured':
      return { kind: 'unavailable', error: failureError(outcome) };
    case 'unknown':
      return { kind: 'unknown', error: failureError(outcome) };
  }
}

export function refundStatus(asked: AskedRefund, outcome: CallOutcome<unknown>): RefundStatus {
  switch (outcome.kind) {
    case 'ok':
      return refundState(asked, outcome.value);
    case 'declined':
      if (notFound.includes(outcome.code)) return { kind: 'not_found' };
      return { kind: 'unknown', error: refusal(outcome.code, 'provider_error') };
    case 'retryable':
    case 'misconfigured':
    case 'unknown':
      return { kind: 'unknown', error: failureError(outcome) };
  }
}

/** What a refund, wherever it came from, says about the one asked for. To write, like `chargeState`. */
export function refundState(
  _asked: AskedRefund,
  _body: unknown,
): Exclude<RefundOutcome, { kind: 'unavailable' }> {
  return unwrittenAnswer('how a refund reads and what its statuses mean', 'refunds.ts');
}

function refused(rawCode: string): RefundOutcome {
  const code = Object.hasOwn(refusals, rawCode) ? refusals[rawCode] : undefined;
  return code === undefined
    ? { kind: 'unknown', error: refusal(rawCode, 'provider_error') }
    : { kind: 'declined', error: refusal(rawCode, code) };
}
