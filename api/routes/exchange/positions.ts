import { z } from 'zod';
import { loadExchangePositions } from '../../../db/read-models/exchange-positions';
import type { Database } from '../../../db/pool';
import { newestRates } from '../../../db/stores/exchange-rates-store';
import type { ExchangeLimits } from '../../../domain/exchange/quote';
import { chooseRate } from '../../../domain/exchange/rates';
import { formatAmount } from '../../../domain/money/amount';
import { money, type Money } from '../../../domain/money/money';
import { convert } from '../../../domain/money/rate';
import { defineRoute, type Route } from '../../route';
import { currencyInput } from '../../schemas/amount';
import { modeField } from '../../schemas/mode';
import { signedAmount } from '../ledger/messages';

const positionsOutput = z
  .object({
    object: z.literal('exchange_positions'),
    mode: modeField,
    valuedIn: z.string(),
    positions: z.array(
      z.object({
        currency: z.string(),
        position: signedAmount.meta({
          description:
            'Left by exchanges: positive is money we took, negative is money we gave and have to get.',
        }),
        result: signedAmount.meta({ description: 'Earned by exchanges: our spreads.' }),
        positionValue: signedAmount.nullable().meta({
          description: 'At the newest rate, in the currency asked for; null: no rate that is new enough.',
        }),
        resultValue: signedAmount.nullable(),
      }),
    ),
    openGain: signedAmount.nullable().meta({
      description:
        'What the open positions are worth together: what the market has given or taken since they were exchanged.',
    }),
    result: signedAmount.nullable(),
  })
  .meta({ id: 'ExchangePositions' });

/** Gain and loss of exchanging, for finance: what was earned, and what the market does to what is open. */
export function positionRoutes(deps: { database: Database; exchange: ExchangeLimits }): Route[] {
  const positions = defineRoute({
    operationId: 'getExchangePositions',
    method: 'get',
    path: '/admin/exchange/positions',
    tag: 'Exchange',
    summary: 'Open positions in each currency, what they are worth, and what exchanges earned',
    auth: 'admin',
    query: z.strictObject({ mode: modeField, valuedIn: currencyInput }),
    responses: { 200: { description: 'The positions.', body: positionsOutput } },
    errors: ['currency_unknown'],
    handler: async ({ query: { mode, valuedIn } }) => {
      const rows = await loadExchangePositions(deps.database, mode);
      const valued = [];
      for (const { currency, position, result } of rows) {
        const valueOf = await valuation(deps, currency, valuedIn);
        valued.push({
          ...{ currency, position, result },
          positionValue: valueOf?.(money(position, currency)),
          resultValue: valueOf?.(money(result, currency)),
        });
      }
      const shown = (amount: bigint | undefined) =>
        amount === undefined ? null : formatAmount(amount, valuedIn);
      return {
        status: 200 as const,
        body: {
          object: 'exchange_positions' as const,
          mode,
          valuedIn,
          positions: valued.map(({ currency, position, result, positionValue, resultValue }) => ({
            currency,
            position: formatAmount(position, currency),
            result: formatAmount(result, currency),
            positionValue: shown(positionValue),
            resultValue: shown(resultValue),
          })),
          openGain: shown(sumOf(valued.map(({ positionValue }) => positionValue))),
          result: shown(sumOf(valued.map(({ resultValue }) => resultValue))),
        },
      };
    },
  });
  return [positions];
}

/** Undefined: there is no rate that could value it. */
async function valuation(
  deps: { database: Database; exchange: ExchangeLimits },
  source: string,
  target: string,
): Promise<((of: Money) => bigint) | undefined> {
  if (source === target) return ({ amount }) => amount;
  const rates = await newestRates(deps.database, { source, target });
  const choice = chooseRate(rates, new Date(), deps.exchange.rateAgeMsMax);
  return choice.ok ? (of) => convert(of, choice.chosen.market, target, 'half_even').amount : undefined;
}

/** A sum that leaves one out would be no sum. */
function sumOf(amounts: readonly (bigint | undefined)[]): bigint | undefined {
  let sum = 0n;
  for (const amount of amounts) {
    if (amount === undefined) return undefined;
    sum += amount;
  }
  return sum;
}
