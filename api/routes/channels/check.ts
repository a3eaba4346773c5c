import { checkCredentials } from '../../../domain/channel/credentials';
import type { ChannelDocument } from '../../../domain/channel/document';
import type { ChannelLimit } from '../../../domain/routing/contracts';
import type { PaymentProvider } from '../../../integrations/channels/payment-provider';
import { ApiError, fail } from '../../errors';
import { readAmount, type AmountErrorCode, type AmountInput } from '../../schemas/amount';

type Refusal = ApiError<'parameter_invalid' | AmountErrorCode>;
type LimitInput = { min?: AmountInput; max?: AmountInput; perDay?: AmountInput };

/** What the schema alone can't see: whether it fits the adapter, the mode, and itself. */
export function checkChannel(document: ChannelDocument, provider: PaymentProvider): Refusal | undefined {
  const { credentials, mode, baseUrl, currencies, methods, maintenance } = document;
  const problems = checkCredentials(provider.credentialFields, credentials, mode);
  const [first] = problems;
  if (first !== undefined) return fail('parameter_invalid', { ...first, problems: problems.slice(0, 50) });
  if (mode === 'live' && !baseUrl.startsWith('https:')) {
    return invalid('baseUrl', 'In live mode calls go to https addresses only.');
  }
  const { capabilities } = provider;
  const currency = currencies.findIndex((code) => !capabilities.currencies.includes(code));
  if (currency >= 0) {
    return invalid(
      `currencies[${currency}]`,
      `${provider.name} takes ${capabilities.currencies.join(', ')}.`,
    );
  }
  const method = methods?.findIndex((name) => !capabilities.methods.includes(name)) ?? -1;
  if (method >= 0) {
    return invalid(`methods[${method}]`, `${provider.name} offers ${capabilities.methods.join(', ')}.`);
  }
  const window = maintenance.findIndex(
    (one) => 'from' in one && Date.parse(one.until) <= Date.parse(one.from),
  );
  if (window >= 0) return invalid(`maintenance[${window}].until`, 'It ends before it begins.');
  return undefined;
}

export function readChannelLimits(
  limits: Readonly<Record<string, LimitInput>>,
  currencies: readonly string[],
): Record<string, ChannelLimit> | Refusal {
  const read: Record<string, ChannelLimit> = {};
  for (const [currency, limit] of Object.entries(limits)) {
    const at = `limits.${currency}`;
    if (!currencies.includes(currency)) return invalid(at, 'This currency is not among `currencies`.');
    const own: ChannelLimit = {};
    for (const what of ['min', 'max', 'perDay'] as const) {
      const written = limit[what];
      if (written === undefined) continue;
      const amount = readAmount(written, currency, `${at}.${what}`);
      if (amount instanceof ApiError) return amount;
      own[what] = amount.toString();
    }
    if (own.min !== undefined && own.max !== undefined && BigInt(own.min) > BigInt(own.max)) {
      return invalid(`${at}.max`, 'The largest payment is less than the smallest.');
    }
    read[currency] = own;
  }
  return read;
}

function invalid(param: string, message: string): Refusal {
  return fail('parameter_invalid', { param, message });
}
