import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { listMerchantBalances, type OwnBalance } from '../../../db/read-models/ledger-balances';
import { findMerchant } from '../../../db/stores/merchants-store';
import { publicId } from '../../../domain/ids';
import { formatAmount } from '../../../domain/money/amount';
import { ApiError, fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { idInput, idOutput } from '../../schemas/ids';
import { modeField, modeOf, modeQuery } from '../../schemas/mode';
import { moment } from '../../schemas/moment';
import { signedAmount } from './messages';

const oneBalance = z.object({
  amount: signedAmount,
  accountId: idOutput('ledgerAccount')
    .nullable()
    .meta({ description: 'Whose entries explain the amount; null: nothing was ever booked there.' }),
});

const balancesOutput = z
  .object({
    object: z.literal('balances'),
    merchantId: idOutput('merchant'),
    mode: modeField,
    at: z.iso.datetime().nullable().meta({ description: 'null: now.' }),
    balances: z.array(
      z.object({
        currency: z.string(),
        pending: oneBalance.meta({ description: 'Taken, not yet settled; refunds may bring it below zero.' }),
        available: oneBalance,
        held: oneBalance.meta({ description: 'Set aside for refunds, disputes and withdrawals.' }),
      }),
    ),
  })
  .meta({ id: 'Balances' });

export function balanceRoutes(deps: { database: Database }): Route[] {
  const read = defineRoute({
    operationId: 'getBalances',
    method: 'get',
    path: '/balances',
    tag: 'Ledger',
    summary: 'What a merchant has: pending, available and held, in each currency',
    auth: 'either',
    query: z.strictObject({
      merchantId: idInput('merchant').optional().meta({ description: 'Operators say whose.' }),
      at: moment.optional().meta({
        description: 'What was known at that moment, its whole millisecond included; now by default.',
      }),
      mode: modeQuery,
    }),
    responses: { 200: { description: 'The balances.', body: balancesOutput } },
    errors: ['not_found', 'permission_denied'],
    handler: async ({ caller, query }) => {
      const mode = modeOf(caller, query.mode);
      if (mode instanceof ApiError) return mode;
      const asked = query.merchantId ?? (caller.role === 'merchant' ? caller.merchantId : undefined);
      if (asked === undefined) {
        return fail('parameter_missing', { param: 'merchantId', message: 'An operator names the merchant.' });
      }
      const merchant = await findMerchant(deps.database, caller, asked);
      if (merchant === undefined) return fail('not_found', { param: 'merchantId' });
      const { at } = query;
      const rows = await listMerchantBalances(deps.database, { merchantId: merchant.id, mode }, at);
      return {
        status: 200 as const,
        body: {
          object: 'balances' as const,
          merchantId: publicId('merchant', merchant.id),
          mode,
          at: at?.toISOString() ?? null,
          balances: byCurrency(rows),
        },
      };
    },
  });
  return [read];
}

function byCurrency(rows: readonly OwnBalance[]) {
  return [...new Set(rows.map(({ currency }) => currency))].map((currency) => {
    const of = (kind: OwnBalance['kind']) => {
      const found = rows.find((row) => row.currency === currency && row.kind === kind);
      return {
        amount: formatAmount(found?.balance ?? 0n, currency),
        accountId: found === undefined ? null : publicId('ledgerAccount', found.accountId),
      };
    };
    return {
      currency,
      pending: of('merchant_pending'),
      available: of('merchant_available'),
      held: of('merchant_held'),
    };
  });
}
