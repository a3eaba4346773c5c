import type { CaptureOutcome } from '../../../domain/payment/outcome';
import type { CallOutcome } from '../../call-outcome';
import type { CaptureRequest } from '../payment-provider';
import type { StripeAnswer } from './client';
import { doubtful, failureError, refusal } from './errors';
import { captureKey, intentSchema } from './messages';
import { chargeStatus, intentStatus } from './transformers';

export function captureOutcome(request: CaptureRequest, outcome: CallOutcome<StripeAnswer>): CaptureOutcome {
  switch (outcome.kind) {
    case 'ok':
      return captured(request, outcome.value.body);
    case 'declined':
      return refusedCapture(outcome.code);
    case 'retryable':
    case 'misconfigured':
      return { kind: 'unavailable', error: failureError(outcome) };
    case 'unknown':
      return { kind: 'unknown', error: failureError(outcome) };
  }
}

const saysNothingOfBefore = new Set([
  'payment_intent_unexpected_state',
  'idempotency_error',
  'idempotency_key_in_use',
]);

/**
 * An answer that leaves open what an earlier call of the same capture did: Stripe repeats a 500 for as long as it keeps
 * the key, and has no word but "not in this state" for what it captured under a key that it has forgotten.
 */
export function isUntoldCapture(outcome: CallOutcome<StripeAnswer>): boolean {
  if (outcome.kind === 'unknown') return outcome.status !== undefined;
  return outcome.kind === 'declined' && saysNothingOfBefore.has(outcome.code);
}

/** The intent itself says whether it was captured, and by which capture; otherwise what was answered stands. */
export function outcomeAfterLook(
  request: CaptureRequest,
  answered: CaptureOutcome,
  looked: CallOutcome<StripeAnswer>,
): CaptureOutcome {
  const status = chargeStatus(request.chargeReference, looked);
  if (status.kind === 'unknown') return status;
  if (status.kind !== 'succeeded' || looked.kind !== 'ok') return answered;
  const { [captureKey]: takenBy } = intentSchema.safeParse(looked.value.body).data?.metadata ?? {};
  const isAsWanted = status.charge.amountMinor === String(request.amount);
  // What was captured by hand, or by an earlier version of ours, does not say for whom.
  const isThis = isAsWanted && (takenBy === undefined || takenBy === request.reference);
  return isThis ? { kind: 'succeeded', captured: status.charge } : answered;
}

function captured(request: CaptureRequest, body: unknown): CaptureOutcome {
  const status = intentStatus(request.chargeReference, body);
  if (status.kind === 'unknown') return status;
  if (status.kind !== 'succeeded' || status.charge.amountMinor !== String(request.amount)) {
    return doubtful('amount_mismatch', 'Stripe captured something else than what was asked for.');
  }
  return { kind: 'succeeded', captured: status.charge };
}

function refusedCapture(rawCode: string): CaptureOutcome {
  switch (rawCode) {
    case 'idempotency_error':
    case 'idempotency_key_in_use':
      return { kind: 'unknown', error: refusal(rawCode, 'reference_conflict') };
    case 'payment_intent_unexpected_state':
      return { kind: 'declined', error: refusal(rawCode, 'not_capturable') };
    case 'amount_too_large':
      return { kind: 'declined', error: refusal(rawCode, 'capture_exceeds_authorized') };
    case 'resource_missing':
      return { kind: 'declined', error: refusal(rawCode, 'charge_not_found') };
    default:
      return { kind: 'declined', error: refusal(rawCode, 'request_rejected') };
  }
}
