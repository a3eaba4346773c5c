import type { AccountKind } from '../../domain/ledger/account';
import type { JournalKind } from '../../domain/ledger/journal';
import type { Mode } from '../../domain/payment/reference';
import type { Queryable } from '../pool';
import type { Scope } from '../scope';

export interface JournalLine {
  accountId: string;
  accountKind: AccountKind;
  currency: string;
  /** Debits positive, credits negative. */
  amount: bigint;
}

export interface FoundJournal {
  tx: bigint;
  id: bigint;
  reference: string;
  kind: JournalKind;
  mode: Mode;
  effectiveAt: Date;
  recordedAt: Date;
  paymentId: string | null;
  refundId: string | null;
  disputeId: string | null;
  withdrawalId: string | null;
  settlementId: string | null;
  workflowId: string | null;
  reason: string | null;
  approvedBy: string | null;
  lines: JournalLine[];
}

export type JournalName = { reference: string } | { tx: bigint; id: bigint };

type Row = Omit<FoundJournal, 'tx' | 'lines'> &
  Omit<JournalLine, 'amount'> & { tx: string; lineAmount: bigint };

/**
 * A merchant finds a journal by a line on an account of its own, and sees its own lines only: what a payment costs
 * the platform is no merchant's business.
 */
export async function findLedgerJournal(
  database: Queryable,
  scope: Scope,
  name: JournalName,
): Promise<FoundJournal | undefined> {
  const byReference = 'reference' in name;
  const { rows } = await database.query<Row>(
    `select j.tx::text as tx, j.id, j.reference, j.kind, j.mode, j.effective_at as "effectiveAt",
       j.recorded_at as "recordedAt", j.payment_id as "paymentId", j.refund_id as "refundId",
       j.dispute_id as "disputeId", j.withdrawal_id as "withdrawalId", j.settlement_id as "settlementId",
       j.workflow_id as "workflowId", j.reason, j.approved_by as "approvedBy",
       a.id as "accountId", a.kind as "accountKind", a.currency, l.amount as "lineAmount"
     from ledger_journals j
     cross join lateral unnest(j.account_ids, j.amounts) with ordinality l (account_id, amount, no)
     join ledger_accounts a on a.id = l.account_id
     where ${byReference ? 'j.reference = $3' : 'j.tx = $3::xid8 and j.id = $4'}
       and ($1::uuid is null or (a.owner_kind = 'merchant' and a.owner_id = $1 and a.mode = $2::text))
     order by l.no`,
    [
      ...(scope.role === 'admin' ? [null, null] : [scope.merchantId, scope.mode]),
      ...(byReference ? [name.reference] : [name.tx.toString(), name.id]),
    ],
  );
  const [first] = rows;
  if (first === undefined) return undefined;
  const {
    accountId: _account,
    accountKind: _kind,
    currency: _currency,
    lineAmount: _amount,
    ...head
  } = first;
  const lines = rows.map(({ accountId, accountKind, currency, lineAmount }) => ({
    accountId,
    accountKind,
    currency,
    amount: lineAmount,
  }));
  return { ...head, tx: BigInt(head.tx), lines };
}
