import { formatAmount } from '../../../domain/money/amount';
import type { PaymentSetup, PlanRefused, PlanRefusal } from '../../../domain/payment/plan';
import type { PaymentRequest } from '../../../domain/payment/request';
import { describeRanges } from '../../../domain/routing/amounts';
import type { ConsideredChannel } from '../../../domain/routing/contracts';
import { fail, type ErrorDetails } from '../../errors';
import { settledDetails } from '../../schemas/amount';

const refusals = {
  merchant_suspended: 'merchant_suspended',
  merchant_not_configured: 'payment_config_missing',
  currency_not_enabled: 'currency_not_enabled',
  amount_below_minimum: 'amount_outside_limits',
  amount_above_maximum: 'amount_outside_limits',
  amount_not_taken: 'amount_not_taken',
  no_channel: 'channel_not_available',
  rate_unknown: 'rate_unknown',
  rate_stale: 'rate_stale',
  quote_unknown: 'quote_unknown',
  quote_used: 'quote_used',
  quote_expired: 'quote_expired',
  quote_mismatch: 'quote_mismatch',
  amount_too_small: 'amount_too_small',
  amount_too_large: 'amount_too_large',
} as const satisfies Record<PlanRefusal, string>;

type Asked = Pick<PaymentRequest, 'currency' | 'provider' | 'method'>;

/** Why a payment may not begin, with the parameter to look at. All that is named is this merchant's own. */
export function refuse(refused: Refused, setup: PaymentSetup, asked: Asked) {
  return fail(refusals[refused.refusal], detailsOf(refused, setup, asked));
}

/** What led to it is only known where it was planned. */
type Refused = Pick<PlanRefused, 'refusal' | 'considered' | 'takes'>;

function detailsOf(
  { refusal, considered, takes }: Refused,
  { config, candidates }: PaymentSetup,
  { currency, provider, method }: Asked,
): ErrorDetails {
  switch (refusal) {
    case 'merchant_suspended':
    case 'merchant_not_configured':
      return {};
    case 'currency_not_enabled':
      return { param: config?.currencies.includes(currency) === true ? 'settleCurrency' : 'currency' };
    case 'amount_below_minimum':
    case 'amount_above_maximum':
      return { param: 'amount', message: limitsOf(config?.limits[currency], currency) };
    case 'amount_not_taken': {
      const who = provider === undefined ? "this merchant's channels take" : `${provider} takes`;
      const range = takes && describeRanges(takes, currency, method);
      return { param: 'amount', message: range && `No channel takes this amount: ${who} ${range}.` };
    }
    case 'no_channel': {
      const message = considered && whyNone(considered);
      if (provider === undefined) return { message };
      const names = new Set(candidates.filter(({ isEnabled }) => isEnabled).map(({ channel }) => channel));
      return { param: 'provider', message: names.has(provider) ? message : noSuch([...names]) };
    }
    case 'amount_too_small':
    case 'amount_too_large':
      return settledDetails[refusal];
    case 'rate_unknown':
    case 'rate_stale':
      return { param: 'settleCurrency' };
    case 'quote_unknown':
    case 'quote_used':
    case 'quote_expired':
    case 'quote_mismatch':
      return { param: 'quoteId' };
  }
}

function limitsOf(limit: { min?: string; max?: string } | undefined, currency: string): string {
  const said = (['min', 'max'] as const).flatMap((end) => {
    const digits = limit?.[end];
    return digits === undefined ? [] : [`${end} ${formatAmount(BigInt(digits), currency)}`];
  });
  return `The amount is outside the merchant's limits for ${currency}: ${said.join(', ')}.`;
}

function noSuch(names: readonly string[]): string {
  const has = names.length === 0 ? 'It has none in this mode' : `It has ${names.join(', ')}`;
  return `This merchant has no channel of that name. ${has}; with "auto", or without provider, the platform chooses.`;
}

function whyNone(considered: readonly ConsideredChannel[]): string {
  const reasons = considered.map(({ channel, reason }) => `${channel}: ${reason}`).join('; ');
  return `No channel of this merchant can take this payment${reasons === '' ? ': it has none in this mode' : ` (${reasons})`}.`;
}
