import type { z } from 'zod';
import { parsePublicId } from '../../../domain/ids';
import { findCurrency } from '../../../domain/money/currency';
import type { Mode } from '../../../domain/payment/reference';
import type { ChannelChoice } from '../../../db/stores/channel-configs-store';
import type { StoredLimits } from '../../../db/stores/payment-configs-store';
import { ApiError, fail } from '../../errors';
import { readAmount, type AmountErrorCode } from '../../schemas/amount';
import type { paymentConfigInput } from './schemas';

type Input = z.output<typeof paymentConfigInput>;
type Refusal = ApiError<'parameter_invalid' | AmountErrorCode>;

export interface CheckedConfig {
  channelConfigIds: string[];
  limits: StoredLimits;
  reviewAbove: Record<string, string>;
}

/** What the schema alone can't see: whether the parts fit one another, and the channels there are. */
export function checkPaymentConfig(
  input: Input,
  mode: Mode,
  channels: readonly ChannelChoice[],
): CheckedConfig | Refusal {
  const repeated = input.currencies.findIndex((code, index) => input.currencies.indexOf(code) !== index);
  if (repeated >= 0) return invalid(`currencies[${repeated}]`, 'This currency stands there twice.');
  if (mode === 'live' && input.callbackUrl?.startsWith('http:') === true) {
    return invalid('callbackUrl', 'In live mode callbacks go to https addresses only.');
  }
  const chosen = chooseChannels(input.channels, mode, channels);
  if (chosen instanceof ApiError) return chosen;
  const orphan = input.currencies.findIndex(
    (code) => !chosen.some(({ currencies }) => currencies.includes(code)),
  );
  if (orphan >= 0) return invalid(`currencies[${orphan}]`, 'None of the channels takes this currency.');
  const limits = readLimits(input);
  if (limits instanceof ApiError) return limits;
  const reviewAbove = readReviewAbove(input);
  if (reviewAbove instanceof ApiError) return reviewAbove;
  return { channelConfigIds: chosen.map(({ id }) => id), limits, reviewAbove };
}

/** An entry is one configuration's id, or a channel's name for all of its enabled configurations. */
function chooseChannels(
  wanted: readonly string[],
  mode: Mode,
  channels: readonly ChannelChoice[],
): ChannelChoice[] | Refusal {
  const chosen = new Map<string, ChannelChoice>();
  for (const [index, text] of wanted.entries()) {
    const id = parsePublicId('channelConfig', text);
    const found = channels.filter((channel) =>
      id === undefined ? channel.channel === text && channel.isEnabled : channel.id === id,
    );
    if (found.length === 0) return invalid(`channels[${index}]`, `There is no such channel in ${mode} mode.`);
    for (const channel of found) chosen.set(channel.id, channel);
  }
  return [...chosen.values()];
}

function readLimits(input: Input): StoredLimits | Refusal {
  const limits: StoredLimits = {};
  for (const [currency, range] of Object.entries(input.limits)) {
    const at = `limits.${currency}`;
    if (findCurrency(currency) === undefined) return fail('currency_unknown', { param: at });
    if (!input.currencies.includes(currency)) return invalid(at, 'This currency is not among `currencies`.');
    const min = range.min === undefined ? undefined : readAmount(range.min, currency, `${at}.min`);
    if (min instanceof ApiError) return min;
    const max = range.max === undefined ? undefined : readAmount(range.max, currency, `${at}.max`);
    if (max instanceof ApiError) return max;
    if (min !== undefined && max !== undefined && min > max) {
      return invalid(`${at}.max`, 'The largest payment is less than the smallest.');
    }
    limits[currency] = {
      ...(min === undefined ? {} : { min: min.toString() }),
      ...(max === undefined ? {} : { max: max.toString() }),
    };
  }
  return limits;
}

function readReviewAbove(input: Input): Record<string, string> | Refusal {
  const above: Record<string, string> = {};
  for (const [currency, text] of Object.entries(input.reviewAbove)) {
    const at = `reviewAbove.${currency}`;
    if (findCurrency(currency) === undefined) return fail('currency_unknown', { param: at });
    if (!input.currencies.includes(currency)) return invalid(at, 'This currency is not among `currencies`.');
    const amount = readAmount(text, currency, at);
    if (amount instanceof ApiError) return amount;
    above[currency] = amount.toString();
  }
  return above;
}

function invalid(param: string, message: string): Refusal {
  return fail('parameter_invalid', { param, message });
}
