import { z } from 'zod';
import type { StoredAdjustment } from '../../../db/stores/ledger-adjustments-store';
import { publicId } from '../../../domain/ids';
import { formatAmount } from '../../../domain/money/amount';
import { amountInput, amountOutput, currencyInput } from '../../schemas/amount';
import { idInput, idOutput } from '../../schemas/ids';
import { modeField } from '../../schemas/mode';
import { ownerOutput, presentOwner } from './messages';

const reason = z.string().trim().min(1).max(500);
const direction = z
  .enum(['increase', 'decrease'])
  .meta({ description: 'Of the balance, as the owner of the account reads it.' });

export const newAdjustment = z.strictObject({
  account: z.union(
    [
      z.strictObject({ id: idInput('ledgerAccount') }),
      z.strictObject({
        merchantId: idInput('merchant'),
        mode: modeField,
        balance: z.enum(['pending', 'available', 'held']),
        currency: currencyInput,
      }),
    ],
    { error: 'wants { id } of an account, or { merchantId, mode, balance, currency }' },
  ),
  direction,
  amount: amountInput,
  reason,
});

export const decideAdjustmentBody = z.strictObject({
  decision: z.enum(['approve', 'reject']),
  reason: reason.optional(),
});

export const adjustmentOutput = z
  .object({
    id: idOutput('adjustment').meta({ description: 'Also the reference of its journal.' }),
    object: z.literal('adjustment'),
    mode: modeField,
    account: z.object({ owner: ownerOutput, kind: z.string(), currency: z.string() }),
    direction,
    amount: amountOutput,
    reason: z.string(),
    status: z.enum(['pending', 'approved', 'rejected']),
    requestedBy: idOutput('apiKey'),
    createdAt: z.iso.datetime(),
    decidedBy: idOutput('apiKey').nullable(),
    decidedAt: z.iso.datetime().nullable(),
    decisionReason: z.string().nullable(),
  })
  .meta({ id: 'Adjustment' });

export function presentAdjustment(row: StoredAdjustment): z.input<typeof adjustmentOutput> {
  const { mode, owner, kind, currency } = row.account;
  const isIncrease = row.amount > 0n;
  return {
    id: publicId('adjustment', row.id),
    object: 'adjustment',
    mode,
    account: { owner: presentOwner(owner), kind, currency },
    direction: isIncrease ? 'increase' : 'decrease',
    amount: formatAmount(isIncrease ? row.amount : -row.amount, currency),
    reason: row.reason,
    status: row.status,
    requestedBy: publicId('apiKey', row.requestedBy),
    createdAt: row.createdAt.toISOString(),
    decidedBy: row.decidedBy === undefined ? null : publicId('apiKey', row.decidedBy),
    decidedAt: row.decidedAt?.toISOString() ?? null,
    decisionReason: row.decisionReason ?? null,
  };
}
