import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { readTrialBalance, type TrialBalanceLine } from '../../../db/read-models/ledger-account-list';
import { formatAmount } from '../../../domain/money/amount';
import { defineRoute, type Route } from '../../route';
import { modeField } from '../../schemas/mode';
import { signedAmount } from './messages';

const sums = {
  debits: signedAmount.meta({ description: 'Of the accounts that stand in debit.' }),
  credits: signedAmount.meta({ description: 'Of the accounts that stand in credit, without a sign.' }),
};

const trialBalanceOutput = z
  .object({
    object: z.literal('trial_balance'),
    mode: modeField,
    at: z.iso.datetime(),
    currencies: z.array(
      z.object({
        currency: z.string(),
        ...sums,
        difference: signedAmount.meta({ description: 'Debits less credits: zero, or the books are broken.' }),
        kinds: z.array(z.object({ kind: z.string(), accounts: z.int(), ...sums })),
      }),
    ),
  })
  .meta({ id: 'TrialBalance' });

export function trialBalanceRoutes(deps: { database: Database }): Route[] {
  const read = defineRoute({
    operationId: 'getTrialBalance',
    method: 'get',
    path: '/admin/ledger/trial-balance',
    tag: 'Ledger',
    summary: 'What all accounts hold, by currency and kind',
    description: 'All of it at one moment. In each currency debits and credits are the same.',
    auth: 'admin',
    query: z.strictObject({ mode: modeField }),
    responses: { 200: { description: 'The trial balance.', body: trialBalanceOutput } },
    errors: [],
    handler: async ({ query: { mode } }) => {
      const lines = await readTrialBalance(deps.database, mode);
      return {
        status: 200 as const,
        body: {
          object: 'trial_balance' as const,
          mode,
          at: new Date().toISOString(),
          currencies: [...new Set(lines.map(({ currency }) => currency))].map((currency) =>
            presentCurrency(
              currency,
              lines.filter((line) => line.currency === currency),
            ),
          ),
        },
      };
    },
  });
  return [read];
}

function presentCurrency(currency: string, lines: readonly TrialBalanceLine[]) {
  const debits = lines.reduce((sum, line) => sum + line.debits, 0n);
  const credits = lines.reduce((sum, line) => sum + line.credits, 0n);
  return {
    currency,
    debits: formatAmount(debits, currency),
    credits: formatAmount(credits, currency),
    difference: formatAmount(debits - credits, currency),
    kinds: lines.map((line) => ({
      kind: line.kind,
      accounts: Number(line.accounts),
      debits: formatAmount(line.debits, currency),
      credits: formatAmount(line.credits, currency),
    })),
  };
}
