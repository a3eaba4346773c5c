import type { ChannelError } from '../../../../../../domain/payment/outcome';
import type { CallFailure } from '../../../../../../integrations/call-outcome';
import type { ProviderErrors } from '../../../../../../integrations/http-classification';

/** How NewChannel's refusals and a call's failures are told to payments. */

/** To write: where its code stands in a refusal, and the codes by which it swears that nothing was done. */
export const newchannelErrors: ProviderErrors = {
  codeOf: () => undefined,
  notProcessed: [],
};

export function refusal(rawCode: string, code: string): ChannelError {
  return { code, message: `NewChannel refused the request (${rawCode}).`, rawCode };
}

export function failureError(failure: CallFailure): ChannelError {
  return {
    code: failure.code,
    message: failure.message,
    ...(failure.status === undefined ? {} : { rawCode: `HTTP ${failure.status}` }),
  };
}
