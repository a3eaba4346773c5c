import { z } from 'zod';
import type { FoundJournal, JournalName } from '../../../db/read-models/ledger-journal';
import type { EntryPlace, LedgerAccount, LedgerEntry } from '../../../db/read-models/ledger-entries';
import type { Owner } from '../../../domain/ledger/account';
import { publicId } from '../../../domain/ids';
import { formatAmount } from '../../../domain/money/amount';
import { issueWith } from '../../middleware/validate';
import { idOutput } from '../../schemas/ids';
import { modeField } from '../../schemas/mode';

export const signedAmount = z
  .string()
  .meta({ pattern: '^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$', examples: ['-100.50'] });

const transactionNumberMax = 18_446_744_073_709_551_615n;
const journalNumberMax = 9_223_372_036_854_775_807n;

function entryId({ tx, journalId, no }: EntryPlace): string {
  return `ent_${tx}_${journalId}_${no}`;
}

/** The cursor: where the page before ended. */
export const entryIdInput = z
  .string()
  .max(64)
  .meta({ pattern: '^ent_[0-9]+_[0-9]+_[0-9]+$' })
  .transform((text, ctx): EntryPlace => {
    const [, tx, journal, no] = /^ent_([0-9]{1,20})_([0-9]{1,19})_([0-9]{1,4})$/.exec(text) ?? [];
    const place = { tx: BigInt(tx ?? -1), journalId: BigInt(journal ?? -1), no: Number(no ?? -1) };
    if (place.no >= 0 && place.tx <= transactionNumberMax && place.journalId <= journalNumberMax)
      return place;
    ctx.addIssue(issueWith('parameter_invalid', 'An id of an entry begins with ent_.'));
    return z.NEVER;
  });

/** `jrn_…`, or the reference of the effect that was booked. */
export const journalNameInPath = z
  .string()
  .meta({ description: "The journal's id or its reference, such as `pay_…-1`." })
  .transform((text, ctx): JournalName => {
    const [, tx, id] = /^jrn_([0-9]{1,20})_([0-9]{1,19})$/.exec(text) ?? [];
    if (tx !== undefined && id !== undefined) {
      const name = { tx: BigInt(tx), id: BigInt(id) };
      if (name.tx <= transactionNumberMax && name.id <= journalNumberMax) return name;
    }
    if (text.length <= 400 && !text.startsWith('jrn_')) return { reference: text };
    ctx.addIssue(issueWith('not_found'));
    return z.NEVER;
  });

export const entryOutput = z
  .object({
    id: z.string(),
    object: z.literal('ledger_entry'),
    journal: z.string().meta({ description: 'Its reference, the same as at the provider.' }),
    kind: z.string(),
    amount: signedAmount.meta({ description: 'Positive: the account grew.' }),
    currency: z.string(),
    paymentId: idOutput('payment').nullable(),
    refundId: idOutput('refund').nullable(),
    disputeId: idOutput('dispute').nullable(),
    withdrawalId: z.uuid().nullable(),
    settlementId: z.uuid().nullable(),
    effectiveAt: z.iso.datetime().meta({ description: 'When it happened.' }),
    recordedAt: z.iso.datetime().meta({ description: 'When it was written down.' }),
  })
  .meta({ id: 'LedgerEntry' });

export type EntryOutput = z.input<typeof entryOutput>;

export function presentEntry(account: LedgerAccount, entry: LedgerEntry): EntryOutput {
  return {
    id: entryId(entry),
    object: 'ledger_entry',
    journal: entry.reference,
    kind: entry.kind,
    amount: formatAmount(entry.amount, account.currency),
    currency: account.currency,
    paymentId: entry.paymentId === null ? null : publicId('payment', entry.paymentId),
    refundId: entry.refundId === null ? null : publicId('refund', entry.refundId),
    disputeId: entry.disputeId === null ? null : publicId('dispute', entry.disputeId),
    withdrawalId: entry.withdrawalId,
    settlementId: entry.settlementId,
    effectiveAt: entry.effectiveAt.toISOString(),
    recordedAt: entry.recordedAt.toISOString(),
  };
}

export const journalOutput = z
  .object({
    id: z.string(),
    object: z.literal('ledger_journal'),
    reference: z.string(),
    kind: z.string(),
    mode: modeField,
    paymentId: idOutput('payment').nullable(),
    refundId: idOutput('refund').nullable(),
    disputeId: idOutput('dispute').nullable(),
    withdrawalId: z.uuid().nullable(),
    settlementId: z.uuid().nullable(),
    workflowId: z.string().nullable(),
    reason: z.string().nullable().meta({ description: 'Of an adjustment; for operators only.' }),
    approvedBy: z.string().nullable().meta({ description: 'Of an adjustment; for operators only.' }),
    effectiveAt: z.iso.datetime(),
    recordedAt: z.iso.datetime(),
    lines: z
      .array(
        z.object({
          accountId: idOutput('ledgerAccount'),
          account: z.string(),
          amount: signedAmount.meta({ description: 'Debits positive, credits negative.' }),
          currency: z.string(),
        }),
      )
      .meta({ description: 'All lines for operators; a merchant sees those of its own accounts.' }),
  })
  .meta({ id: 'LedgerJournal' });

export function presentJournal(found: FoundJournal, isOperator: boolean): z.input<typeof journalOutput> {
  return {
    id: `jrn_${found.tx}_${found.id}`,
    object: 'ledger_journal',
    reference: found.reference,
    kind: found.kind,
    mode: found.mode,
    paymentId: found.paymentId === null ? null : publicId('payment', found.paymentId),
    refundId: found.refundId === null ? null : publicId('refund', found.refundId),
    disputeId: found.disputeId === null ? null : publicId('dispute', found.disputeId),
    withdrawalId: found.withdrawalId,
    settlementId: found.settlementId,
    workflowId: found.workflowId,
    reason: isOperator ? found.reason : null,
    approvedBy: isOperator ? found.approvedBy : null,
    effectiveAt: found.effectiveAt.toISOString(),
    recordedAt: found.recordedAt.toISOString(),
    lines: found.lines.map(({ accountId, accountKind, currency, amount }) => ({
      accountId: publicId('ledgerAccount', accountId),
      account: accountKind,
      amount: formatAmount(amount, currency),
      currency,
    })),
  };
}

const ownerPrefixes = { channel: 'channelConfig', merchant: 'merchant' } as const;

export const ownerOutput = z.object({
  kind: z.enum(['platform', 'channel', 'merchant', 'agent']),
  id: z.string().nullable().meta({ description: 'null: the platform, which is one.' }),
});

export function presentOwner(owner: Owner): z.input<typeof ownerOutput> {
  if (owner.kind === 'platform') return { kind: owner.kind, id: null };
  if (owner.kind === 'agent') return owner;
  return { kind: owner.kind, id: publicId(ownerPrefixes[owner.kind], owner.id) };
}
