import type { CaptureOutcome, EvidenceOutcome } from '../../../domain/payment/outcome';
import type { CallOutcome } from '../../call-outcome';
import type { CaptureRequest } from '../payment-provider';
import { doubtful, failureError, refusal } from './errors';
import { captureSchema } from './messages';

export function captureOutcome(request: CaptureRequest, outcome: CallOutcome<unknown>): CaptureOutcome {
  switch (outcome.kind) {
    case 'ok':
      return captured(request, outcome.value);
    case 'declined':
      return refusedCapture(outcome.code);
    case 'retryable':
    case 'misconfigured':
      return { kind: 'unavailable', error: failureError(outcome) };
    case 'unknown':
      return { kind: 'unknown', error: failureError(outcome) };
  }
}

function captured(request: CaptureRequest, body: unknown): CaptureOutcome {
  const capture = captureSchema.safeParse(body).data;
  if (capture === undefined) {
    return doubtful('answer_unreadable', 'KPay sent a capture that does not read as one.');
  }
  if (capture.capture_no !== request.reference || capture.merchant_order_no !== request.chargeReference) {
    return doubtful('reference_mismatch', 'KPay answered with another capture than the one asked for.');
  }
  if (capture.status !== 'succeeded') {
    const raw = capture.status.slice(0, 100);
    return doubtful('unknown_status', 'KPay gave the capture a status that we do not know.', raw);
  }
  if (String(capture.amount) !== String(request.amount) || capture.currency !== request.currency) {
    return doubtful('amount_mismatch', 'KPay captured another amount than the one asked for.');
  }
  return {
    kind: 'succeeded',
    captured: {
      providerRef: capture.capture_id,
      amountMinor: String(capture.amount),
      currency: capture.currency,
      movedAt: capture.created_at ?? undefined,
    },
  };
}

function refusedCapture(rawCode: string): CaptureOutcome {
  switch (rawCode) {
    case 'capture_conflict':
      return { kind: 'unknown', error: refusal(rawCode, 'reference_conflict') };
    case 'order_not_found':
      return { kind: 'declined', error: refusal(rawCode, 'charge_not_found') };
    case 'not_capturable':
    case 'capture_exceeds_authorized':
      return { kind: 'declined', error: refusal(rawCode, rawCode) };
    default:
      // By contract nothing happens on any other 4xx.
      return { kind: 'declined', error: refusal(rawCode, 'request_rejected') };
  }
}

export function evidenceOutcome(outcome: CallOutcome<unknown>): EvidenceOutcome {
  switch (outcome.kind) {
    case 'ok':
      return { kind: 'accepted' };
    case 'declined':
      return {
        kind: 'declined',
        error: refusal(
          outcome.code,
          outcome.code === 'dispute_closed' ? 'dispute_closed' : 'request_rejected',
        ),
      };
    case 'retryable':
    case 'misconfigured':
      return { kind: 'unavailable', error: failureError(outcome) };
    case 'unknown':
      return { kind: 'unknown', error: failureError(outcome) };
  }
}
