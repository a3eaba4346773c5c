import type { ChannelError } from '../../../domain/payment/outcome';
import type { CallFailure } from '../../call-outcome';

/** How ECPay's refusals and a call's failures are told to payments. */

export function failureError(failure: CallFailure): ChannelError {
  return {
    code: failure.code,
    message: failure.message,
    ...(failure.status === undefined ? {} : { rawCode: `HTTP ${failure.status}` }),
  };
}

export function error(code: string, message: string, rawCode?: string): ChannelError {
  return { code, message, ...(rawCode === undefined ? {} : { rawCode: rawCode.slice(0, 100) }) };
}

export function doubtful(
  code: string,
  message: string,
  rawCode?: string,
): { kind: 'unknown'; error: ChannelError } {
  return { kind: 'unknown', error: error(code, message, rawCode) };
}

const declines: Readonly<Record<string, readonly [code: string, message: string]>> = {
  '10100248': ['card_declined', 'The card was declined.'],
  '10100251': ['card_expired', 'The card has expired.'],
  '10100252': ['insufficient_funds', 'The card has not enough left.'],
  '10100254': ['card_declined', 'The card was declined.'],
  '10100255': ['fraud_suspected', 'The card was reported lost.'],
  '10100256': ['fraud_suspected', 'The card was reported stolen.'],
};

/** Why a trade was not paid: a notification knows the bank's reason, a query only that there was none. */
export function decline(rawCode: string): ChannelError {
  const known = Object.hasOwn(declines, rawCode) ? declines[rawCode] : undefined;
  const [code, message] = known ?? ['declined', 'ECPay declined the payment.'];
  return error(code, message, rawCode);
}
