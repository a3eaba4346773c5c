import type { ChannelError, RefundOutcome, RefundStatus } from '../../../domain/payment/outcome';
import type { CallOutcome } from '../../call-outcome';
import type { RefundRequest } from '../payment-provider';
import { doubtful, failureError, refusal } from './errors';
import { refundSchema } from './messages';

/** KPay's refunds in our words; pure. The tables are those of docs/channels/kpay.md. */

export function refundOutcome(request: RefundRequest, outcome: CallOutcome<unknown>): RefundOutcome {
  switch (outcome.kind) {
    case 'ok':
      return sameAmount(request, refundState(request, outcome.value));
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
      if (outcome.code === 'refund_not_found' || outcome.code === 'order_not_found') {
        return { kind: 'not_found' };
      }
      return { kind: 'unknown', error: refusal(outcome.code, 'provider_error') };
    case 'retryable':
    case 'misconfigured':
    case 'unknown':
      return { kind: 'unknown', error: failureError(outcome) };
  }
}

type RefundState = Exclude<RefundOutcome, { kind: 'unavailable' }>;

/** What a refund, wherever it came from, says about the one with this reference. */
export function refundState(
  asked: { chargeReference?: string; reference: string },
  body: unknown,
): RefundState {
  const refund = refundSchema.safeParse(body).data;
  if (refund === undefined || refund.amount === 0) {
    return doubtful('answer_unreadable', 'KPay sent a refund that does not read as one.');
  }
  const isOfCharge =
    asked.chargeReference === undefined || refund.merchant_order_no === asked.chargeReference;
  if (refund.refund_no !== asked.reference || !isOfCharge) {
    return doubtful('reference_mismatch', 'KPay answered with another refund than the one asked for.');
  }
  switch (refund.status) {
    case 'pending':
      return { kind: 'pending', providerRef: refund.refund_id };
    case 'succeeded':
      return {
        kind: 'succeeded',
        refund: {
          providerRef: refund.refund_id,
          amountMinor: String(refund.amount),
          currency: refund.currency,
          movedAt: refund.created_at ?? undefined,
        },
      };
    case 'failed':
      return { kind: 'declined', error: refundFailure(refund.failure_code ?? undefined) };
    default:
      return doubtful(
        'unknown_status',
        'KPay gave the refund a status that we do not know.',
        refund.status.slice(0, 100),
      );
  }
}

function sameAmount(request: RefundRequest, state: RefundState): RefundOutcome {
  if (state.kind !== 'succeeded') return state;
  const { amountMinor, currency } = state.refund;
  return amountMinor === String(request.amount) && currency === request.currency
    ? state
    : doubtful('amount_mismatch', 'KPay refunded another amount than the one asked for.');
}

function refusedRefund(rawCode: string): RefundOutcome {
  switch (rawCode) {
    case 'refund_conflict':
      // Something stands there under our number: only a query can tell what became of it.
      return { kind: 'unknown', error: refusal(rawCode, 'reference_conflict') };
    case 'order_not_found':
      return { kind: 'declined', error: refusal(rawCode, 'charge_not_found') };
    case 'not_refundable':
    case 'refund_exceeds_paid':
      return { kind: 'declined', error: refusal(rawCode, rawCode) };
    default:
      // By contract nothing happens on any other 4xx.
      return { kind: 'declined', error: refusal(rawCode, 'request_rejected') };
  }
}

function refundFailure(rawCode: string | undefined): ChannelError {
  const raw = rawCode === undefined ? {} : { rawCode };
  return rawCode === 'account_closed'
    ? { code: 'customer_account_closed', message: "The customer's account takes no money.", ...raw }
    : { code: 'refund_failed', message: 'KPay could not give the money back.', ...raw };
}
