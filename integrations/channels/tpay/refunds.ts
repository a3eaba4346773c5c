import type { RefundOutcome, RefundStatus } from '../../../domain/payment/outcome';
import type { CallOutcome } from '../../call-outcome';
import type { RefundRequest } from '../payment-provider';
import { doubtful, failureError, refusal } from './errors';
import { amountMinor, refundSchema } from './messages';

/** TPay's refunds in our words; pure. The tables are those of docs/channels/tpay.md. */

export function refundOutcome(request: RefundRequest, outcome: CallOutcome<unknown>): RefundOutcome {
  switch (outcome.kind) {
    case 'ok':
      return refundState(request, outcome.value);
    case 'declined':
      return refusedRefund(outcome.code);
    case 'retryable':
    case 'misconfigured':
      return { kind: 'unavailable', error: failureError(outcome) };
    case 'unknown':
      return { kind: 'unknown', error: failureError(outcome) };
  }
}

export function refundStatus(
  query: { chargeReference: string; reference: string },
  outcome: CallOutcome<unknown>,
): RefundStatus {
  switch (outcome.kind) {
    case 'ok':
      return refundState(query, outcome.value);
    case 'declined':
      if (outcome.code === '3001') return { kind: 'not_found' };
      return { kind: 'unknown', error: refusal(outcome.code, 'provider_error') };
    case 'retryable':
    case 'misconfigured':
    case 'unknown':
      return { kind: 'unknown', error: failureError(outcome) };
  }
}

/** What a refund, wherever it came from, says about the one with this reference. */
export function refundState(
  asked: { chargeReference: string; reference: string },
  body: unknown,
): Exclude<RefundOutcome, { kind: 'unavailable' }> {
  const refund = refundSchema.safeParse(body).data;
  if (refund === undefined || amountMinor(refund.amount) === '0') {
    return doubtful('answer_unreadable', 'TPay sent a refund that does not read as one.');
  }
  if (refund.out_refund_no !== asked.reference || refund.out_trade_no !== asked.chargeReference) {
    return doubtful('reference_mismatch', 'TPay answered with another refund than the one asked for.');
  }
  switch (refund.state) {
    case 'PROCESSING':
      return { kind: 'pending', providerRef: refund.refund_id };
    case 'SUCCESS':
      return {
        kind: 'succeeded',
        refund: {
          providerRef: refund.refund_id,
          amountMinor: amountMinor(refund.amount),
          currency: refund.currency,
        },
      };
    case 'FAIL':
      return { kind: 'declined', error: failed(refund.fail_reason ?? '') };
    default:
      return doubtful(
        'unknown_status',
        'TPay gave the refund a state that we do not know.',
        refund.state.slice(0, 100),
      );
  }
}

function failed(rawCode: string) {
  const raw = rawCode === '' ? {} : { rawCode };
  return rawCode === 'WALLET_CLOSED'
    ? { code: 'customer_account_closed', message: "The customer's wallet takes no money.", ...raw }
    : { code: 'refund_failed', message: 'TPay could not give the money back.', ...raw };
}

function refusedRefund(rawCode: string): RefundOutcome {
  switch (rawCode) {
    case '1001':
      return { kind: 'declined', error: refusal(rawCode, 'request_rejected') };
    case '2002':
      return { kind: 'declined', error: refusal(rawCode, 'charge_not_found') };
    case '3003':
      return { kind: 'declined', error: refusal(rawCode, 'refund_exceeds_paid') };
    case '3004':
      return { kind: 'declined', error: refusal(rawCode, 'not_refundable') };
    case '3002':
      // Perhaps our own, of a call that got no answer: only a query can tell what became of it.
      return { kind: 'unknown', error: refusal(rawCode, 'reference_conflict') };
    default:
      return { kind: 'unknown', error: refusal(rawCode, 'provider_error') };
  }
}
