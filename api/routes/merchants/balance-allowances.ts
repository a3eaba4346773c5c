import { z } from 'zod';
import type { Database } from '../../../db/pool';
import {
  addAllowance,
  listAllowances,
  type BalanceAllowance,
} from '../../../db/stores/balance-allowances-store';
import { findMerchant } from '../../../db/stores/merchants-store';
import { publicId } from '../../../domain/ids';
import { formatAmount } from '../../../domain/money/amount';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { amountErrors, amountInput, amountOutput, currencyInput, readAmount } from '../../schemas/amount';
import { idInPath, idOutput } from '../../schemas/ids';
import { listOf, toList } from '../../schemas/list';
import { modeField } from '../../schemas/mode';
import { versionNumber } from '../../schemas/config-version';

const tag = 'Merchants';
const params = z.strictObject({ merchantId: idInPath('merchant') });

const allowanceOutput = z
  .object({
    object: z.literal('balance_allowance'),
    currency: z.string(),
    amount: amountOutput.meta({ description: 'So far below zero pending may go for a refund.' }),
    version: z.int(),
    reason: z.string(),
    setBy: idOutput('apiKey'),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'BalanceAllowance' });

const newAllowance = z.strictObject({
  mode: modeField,
  currency: currencyInput,
  amount: amountInput.optional().meta({ description: 'Left out: none; pending stays at zero or above.' }),
  reason: z.string().trim().min(1).max(500),
  version: versionNumber.meta({ description: 'The version that this change is based on; 0 for the first.' }),
});

/** How far refunds may take a merchant's pending balance below zero: an operator's word, and nobody else's. */
export function balanceAllowanceRoutes(deps: { database: Database }): Route[] {
  const put = defineRoute({
    operationId: 'putBalanceAllowance',
    method: 'put',
    path: '/admin/merchants/{merchantId}/balance-allowances',
    tag,
    summary: "Let a merchant's refunds take its pending balance below zero, up to an amount",
    description: 'What is below zero is made up from later payments. Every change is kept, with its reason.',
    auth: 'admin',
    params,
    body: newAllowance,
    responses: { 200: { description: 'The allowances that hold now.', body: listOf(allowanceOutput) } },
    errors: [...amountErrors, 'not_found', 'version_conflict'],
    handler: async ({ caller, params: { merchantId }, body }) => {
      const { mode, currency, reason, version: basedOn } = body;
      const amount = body.amount === undefined ? 0n : readAmount(body.amount, currency);
      if (typeof amount !== 'bigint') return amount;
      if ((await findMerchant(deps.database, caller, merchantId)) === undefined) return fail('not_found');
      const allowance = { merchantId, mode, currency, amount, reason, basedOn, setBy: caller.keyId };
      if (!(await addAllowance(deps.database, allowance))) return fail('version_conflict');
      return { status: 200 as const, body: shown(await listAllowances(deps.database, merchantId, mode)) };
    },
  });

  const list = defineRoute({
    operationId: 'listBalanceAllowances',
    method: 'get',
    path: '/admin/merchants/{merchantId}/balance-allowances',
    tag,
    summary: 'List how far below zero a merchant may go, in each currency',
    auth: 'admin',
    params,
    query: z.strictObject({ mode: modeField }),
    responses: { 200: { description: 'The allowances that hold now.', body: listOf(allowanceOutput) } },
    errors: ['not_found'],
    handler: async ({ caller, params: { merchantId }, query }) => {
      if ((await findMerchant(deps.database, caller, merchantId)) === undefined) return fail('not_found');
      return {
        status: 200 as const,
        body: shown(await listAllowances(deps.database, merchantId, query.mode)),
      };
    },
  });

  return [put, list];
}

function shown(rows: BalanceAllowance[]) {
  return toList(rows, rows.length, (row) => ({
    object: 'balance_allowance' as const,
    currency: row.currency,
    amount: formatAmount(row.amount, row.currency),
    version: row.version,
    reason: row.reason,
    setBy: publicId('apiKey', row.setBy),
    createdAt: row.createdAt.toISOString(),
  }));
}
