import { DatabaseError } from 'pg';
import type { Account, AccountKind, OwnerKind } from '../../domain/ledger/account';
import type { Mode } from '../../domain/payment/reference';
import type { Database, Queryable } from '../pool';
import { inTransaction } from '../transaction';
import { ownerOf } from './ledger-accounts';

export interface BookedAccount extends Account {
  id: string;
  /** Debits less credits. */
  balance: bigint;
  closedAt?: Date;
  /** The last time somebody closed or opened it. */
  lastChange?: { reason: string; by: string };
}

export interface BookedAccountRow {
  id: string;
  mode: Mode;
  owner_kind: OwnerKind;
  owner_id: string;
  kind: AccountKind;
  currency: string;
  closed_at: Date | null;
  balance: bigint;
  reason: string | null;
  changed_by: string | null;
}

export async function findBookedAccount(database: Queryable, id: string): Promise<BookedAccount | undefined> {
  const { rows } = await database.query<BookedAccountRow>(
    `select a.*, ledger_balance(a.id) as balance, c.reason, c.changed_by from ledger_accounts a
     left join lateral (select reason, changed_by from ledger_account_changes where account_id = a.id
                        order by id desc limit 1) c on true
     where a.id = $1`,
    [id],
  );
  return rows[0] && bookedAccountOf(rows[0]);
}

export function bookedAccountOf(row: BookedAccountRow): BookedAccount {
  const { mode, kind, currency, balance, reason, changed_by: by } = row;
  return {
    ...{ id: row.id, mode, owner: ownerOf(row.owner_kind, row.owner_id), kind, currency, balance },
    closedAt: row.closed_at ?? undefined,
    lastChange: reason === null || by === null ? undefined : { reason, by },
  };
}

export interface AccountChange {
  id: string;
  accountId: string;
  isClosed: boolean;
  reason: string;
  by: string;
}

/**
 * Closing waits for postings that are under way and holds new ones for that moment: each is in before and counted, or
 * finds the account closed. `busy`: they took too long to wait for.
 */
export async function changeAccount(
  database: Database,
  change: AccountChange,
): Promise<'changed' | 'balance_left' | 'busy'> {
  const { id, accountId, isClosed, reason, by } = change;
  try {
    return await inTransaction(database, async (transaction) => {
      await transaction.query(`select ${isClosed ? 'ledger_close_account' : 'ledger_reopen_account'}($1)`, [
        accountId,
      ]);
      await transaction.query(
        `insert into ledger_account_changes (id, account_id, is_closed, reason, changed_by)
         values ($1, $2, $3, $4, $5) on conflict (id) do nothing`,
        [id, accountId, isClosed, reason, by],
      );
      return 'changed' as const;
    });
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    if (error.code === 'LD003') return 'balance_left';
    if (error.code === '55P03') return 'busy';
    throw error;
  }
}
