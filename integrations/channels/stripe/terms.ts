import type { UsualTerms } from '../payment-provider';

/** What Stripe grants and takes where no contract says otherwise. */
export const stripeTerms: UsualTerms = {
  limits: { perSecond: 100, burst: 200 },
  timeoutMs: 30_000,
  retryPolicy: { triesMax: 3, firstDelayMs: 200, backoffFactor: 2, delayMsMax: 2_000 },
  costs: ['USD', 'EUR'].flatMap((currency) => [
    { transactionType: 'payment', currency, percent: '2.9', fixed: '0.30' },
    { transactionType: 'refund', currency, percent: '0', fixed: '0.30' },
  ]),
};
