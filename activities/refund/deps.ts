import type { PaymentDeps } from '../payment/deps';

/** A refund needs what a payment needs: the channel, the ledger, the clock of the relay. */
export type RefundDeps = Pick<
  PaymentDeps,
  'database' | 'channelOf' | 'ledger' | 'callbackCommitted' | 'newId' | 'timings' | 'log'
>;
