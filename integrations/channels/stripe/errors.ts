import type { ChannelError } from '../../../domain/payment/outcome';
import type { CallFailure } from '../../call-outcome';

/** How Stripe's refusals and a call's failures are told to payments. */

export function refusal(rawCode: string, code: string): ChannelError {
  return { code, message: `Stripe refused the request (${rawCode}).`, rawCode };
}

export function failureError(failure: CallFailure): ChannelError {
  return {
    code: failure.code,
    message: failure.message,
    ...(failure.status === undefined ? {} : { rawCode: `HTTP ${failure.status}` }),
  };
}

export function doubtful(
  code: string,
  message: string,
  rawCode?: string,
): { kind: 'unknown'; error: ChannelError } {
  return { kind: 'unknown', error: { code, message, ...(rawCode === undefined ? {} : { rawCode }) } };
}
