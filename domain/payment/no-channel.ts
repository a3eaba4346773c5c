import type { ChannelError } from './outcome';
import type { PaymentState } from './state';

export const noChannelCode = 'no_channel';

/** Said to merchants and their customers alike: nobody is to blame, and nobody has to do anything. */
export const noChannelError: ChannelError = {
  code: noChannelCode,
  message:
    'No payment channel can take this payment just now. Nothing was charged and nothing is lost: it is kept, ' +
    'our operators have been told, and it goes on as soon as a channel is back.',
};

/** It waits in the queue of operators for a channel. */
export function waitsForChannel({ status, lastError }: Pick<PaymentState, 'status' | 'lastError'>): boolean {
  return status === 'pending' && lastError?.code === noChannelCode;
}
