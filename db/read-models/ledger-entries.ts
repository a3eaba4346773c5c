import { balanceOnNormalSide, type AccountKind } from '../../domain/ledger/account';
import type { JournalKind } from '../../domain/ledger/journal';
import type { Mode } from '../../domain/payment/reference';
import type { Queryable } from '../pool';
import type { Scope } from '../scope';

export interface LedgerAccount {
  id: string;
  mode: Mode;
  kind: AccountKind;
  currency: string;
}

/** A merchant finds its own accounts of its key's mode; an operator finds all. */
export async function findLedgerAccount(
  database: Queryable,
  scope: Scope,
  id: string,
): Promise<LedgerAccount | undefined> {
  const { rows } = await database.query<LedgerAccount>(
    `select id, mode, kind, currency from ledger_accounts
     where id = $1 and ($2::uuid is null or (owner_kind = 'merchant' and owner_id = $2 and mode = $3))`,
    scope.role === 'admin' ? [id, null, null] : [id, scope.merchantId, scope.mode],
  );
  return rows[0];
}

/** Where an entry stands: entries of one account are in the order of their transactions. */
export interface EntryPlace {
  tx: bigint;
  journalId: bigint;
  no: number;
}

export interface LedgerEntry extends EntryPlace {
  /** Positive when the account grew. */
  amount: bigint;
  reference: string;
  kind: JournalKind;
  paymentId: string | null;
  refundId: string | null;
  disputeId: string | null;
  withdrawalId: string | null;
  settlementId: string | null;
  effectiveAt: Date;
  recordedAt: Date;
}

export interface EntriesQuery {
  limit: number;
  startingAfter?: EntryPlace;
  from: Date;
  to?: Date;
}

/** Newest first, one more than the limit. */
export async function listLedgerEntries(
  database: Queryable,
  account: LedgerAccount,
  query: EntriesQuery,
): Promise<LedgerEntry[]> {
  const after = query.startingAfter;
  const { rows } = await database.query<Omit<LedgerEntry, 'tx'> & { tx: string }>(
    `select e.tx::text as tx, e.journal_id as "journalId", e.no, e.amount, e.reference, e.kind, e.payment_id as "paymentId",
       e.refund_id as "refundId", j.dispute_id as "disputeId", j.withdrawal_id as "withdrawalId",
       j.settlement_id as "settlementId", e.effective_at as "effectiveAt", e.recorded_at as "recordedAt"
     from ledger_entries($1, $2, $3, $4, $5, $6, $7) e
     cross join lateral (select * from ledger_journals where tx = e.tx and id = e.journal_id limit 1) j
     order by e.tx desc, e.journal_id desc, e.no desc`,
    [
      account.id,
      query.from,
      query.to ?? null,
      after?.tx.toString() ?? null,
      after?.journalId ?? null,
      after?.no ?? null,
      query.limit + 1,
    ],
  );
  return rows.map((row) => ({
    ...row,
    tx: BigInt(row.tx),
    amount: balanceOnNormalSide(account.kind, row.amount),
  }));
}
