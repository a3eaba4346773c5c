import type { RefundOutcome } from '../../../domain/payment/outcome';
import type { CallOutcome } from '../../call-outcome';
import type { RefundRequest } from '../payment-provider';
import { minorDigits } from './amounts';
import type { StripeAnswer } from './client';
import { doubtful, failureError, refusal } from './errors';
import { referenceKey, refundSchema } from './messages';

export function refundOutcome(request: RefundRequest, outcome: CallOutcome<StripeAnswer>): RefundOutcome {
  switch (outcome.kind) {
    case 'ok':
      return refundState(request.reference, outcome.value.body);
    case 'declined':
      return refusedRefund(outcome.code);
    case 'retryable':
    case 'misconfigured':
      return { kind: 'unavailable', error: failureError(outcome) };
    case 'unknown':
      return { kind: 'unknown', error: failureError(outcome) };
  }
}

/** What a refund, wherever it came from, says about the one with this reference; one made by hand has none. */
export function refundState(
  reference: string | undefined,
  body: unknown,
): Exclude<RefundOutcome, { kind: 'unavailable' }> {
  const refund = refundSchema.safeParse(body).data;
  const amountMinor = refund && minorDigits(refund.amount, refund.currency);
  if (refund === undefined || amountMinor === undefined || refund.amount === 0) {
    return doubtful('answer_unreadable', 'Stripe sent a refund that does not read as one.');
  }
  if (refund.metadata?.[referenceKey] !== reference) {
    return doubtful('reference_mismatch', 'Stripe answered with another refund than the one asked for.');
  }
  switch (refund.status) {
    case 'pending':
    case 'requires_action':
      return { kind: 'pending', providerRef: refund.id };
    case 'succeeded':
      return {
        kind: 'succeeded',
        refund: {
          providerRef: refund.id,
          amountMinor,
          currency: refund.currency.toUpperCase(),
          movedAt: refund.created == null ? undefined : new Date(refund.created * 1_000).toISOString(),
        },
      };
    case 'failed':
    case 'canceled': {
      const rawCode = refund.failure_reason ?? refund.status;
      const message = 'Stripe could not give the money back.';
      return { kind: 'declined', error: { code: 'refund_failed', message, rawCode } };
    }
    default:
      return doubtful(
        'unknown_status',
        'Stripe gave the refund a status that we do not know.',
        refund.status.slice(0, 100),
      );
  }
}

function refusedRefund(rawCode: string): RefundOutcome {
  switch (rawCode) {
    case 'idempotency_error':
    case 'idempotency_key_in_use':
      return { kind: 'unknown', error: refusal(rawCode, 'reference_conflict') };
    case 'resource_missing':
      return { kind: 'declined', error: refusal(rawCode, 'charge_not_found') };
    case 'charge_already_refunded':
    case 'amount_too_large':
      return { kind: 'declined', error: refusal(rawCode, 'refund_exceeds_paid') };
    case 'payment_intent_unexpected_state':
      return { kind: 'declined', error: refusal(rawCode, 'not_refundable') };
    default:
      return { kind: 'declined', error: refusal(rawCode, 'request_rejected') };
  }
}
