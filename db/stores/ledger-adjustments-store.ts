import type { Account, AccountKind, OwnerKind } from '../../domain/ledger/account';
import type { Mode } from '../../domain/payment/reference';
import type { Queryable, Transaction } from '../pool';
import { ownerOf } from './ledger-accounts';

export type AdjustmentStatus = 'pending' | 'approved' | 'rejected';

export interface StoredAdjustment {
  id: string;
  account: Account;
  /** As the account's owner reads the balance: positive raises it. */
  amount: bigint;
  reason: string;
  requestedBy: string;
  createdAt: Date;
  status: AdjustmentStatus;
  decidedBy?: string;
  decidedAt?: Date;
  decisionReason?: string;
}

interface Raw {
  id: string;
  mode: Mode;
  owner_kind: OwnerKind;
  owner_id: string | null;
  kind: AccountKind;
  currency: string;
  amount: bigint;
  reason: string;
  requested_by: string;
  created_at: Date;
  status: AdjustmentStatus;
  decided_by: string | null;
  decided_at: Date | null;
  decision_reason: string | null;
}

/** Repeated with the same id it is the one that was asked for. */
export async function addAdjustment(
  database: Queryable,
  asked: Pick<StoredAdjustment, 'id' | 'account' | 'amount' | 'reason' | 'requestedBy'>,
): Promise<void> {
  const { id, account, amount, reason, requestedBy } = asked;
  const ownerId = account.owner.kind === 'platform' ? null : account.owner.id;
  await database.query(
    `insert into ledger_adjustments (id, mode, owner_kind, owner_id, kind, currency, amount, reason, requested_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do nothing`,
    [
      id,
      account.mode,
      account.owner.kind,
      ownerId,
      account.kind,
      account.currency,
      amount,
      reason,
      requestedBy,
    ],
  );
}

export async function findAdjustment(
  database: Queryable,
  id: string,
  how: { lock: boolean } = { lock: false },
): Promise<StoredAdjustment | undefined> {
  const { rows } = await database.query<Raw>(
    `select * from ledger_adjustments where id = $1${how.lock ? ' for update' : ''}`,
    [id],
  );
  return rows[0] && fromRow(rows[0]);
}

export async function decideAdjustment(
  transaction: Transaction,
  id: string,
  decision: { status: 'approved' | 'rejected'; by: string; reason?: string },
): Promise<void> {
  await transaction.query(
    `update ledger_adjustments set status = $2, decided_by = $3, decided_at = now(), decision_reason = $4
     where id = $1`,
    [id, decision.status, decision.by, decision.reason ?? null],
  );
}

export async function listAdjustments(
  database: Queryable,
  filter: { limit: number; startingAfter?: string; status?: AdjustmentStatus },
): Promise<StoredAdjustment[]> {
  const { rows } = await database.query<Raw>(
    `select * from ledger_adjustments
     where ($1::uuid is null or id < $1) and ($2::text is null or status = $2) order by id desc limit $3`,
    [filter.startingAfter ?? null, filter.status ?? null, filter.limit + 1],
  );
  return rows.map(fromRow);
}

function fromRow(row: Raw): StoredAdjustment {
  const { mode, kind, currency } = row;
  return {
    id: row.id,
    account: { mode, owner: ownerOf(row.owner_kind, row.owner_id), kind, currency },
    amount: row.amount,
    reason: row.reason,
    requestedBy: row.requested_by,
    createdAt: row.created_at,
    status: row.status,
    decidedBy: row.decided_by ?? undefined,
    decidedAt: row.decided_at ?? undefined,
    decisionReason: row.decision_reason ?? undefined,
  };
}
