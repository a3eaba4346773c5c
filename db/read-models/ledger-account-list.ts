import type { AccountKind } from '../../domain/ledger/account';
import type { Mode } from '../../domain/payment/reference';
import type { Queryable } from '../pool';
import { bookedAccountOf, type BookedAccount, type BookedAccountRow } from '../stores/ledger-account-changes';

export interface AccountFilter {
  limit: number;
  startingAfter?: string;
  ownerId?: string;
  mode?: Mode;
  kind?: AccountKind;
  currency?: string;
}

/** In the order of their ids, and with the balance of each as it is now. One more than the limit tells that there are more. */
export async function listBookedAccounts(
  database: Queryable,
  filter: AccountFilter,
): Promise<BookedAccount[]> {
  const { rows } = await database.query<BookedAccountRow>(
    `with page as materialized (
       select * from ledger_accounts
       where ($1::uuid is null or id > $1) and ($2::uuid is null or owner_id = $2) and ($3::text is null or mode = $3)
         and ($4::text is null or kind = $4) and ($5::text is null or currency = $5)
       order by id limit $6
     )
     select a.*, b.balance, c.reason, c.changed_by from page a
     join ledger_balances_of(array(select id from page)) b on b.account_id = a.id
     left join lateral (select reason, changed_by from ledger_account_changes where account_id = a.id
                        order by id desc limit 1) c on true
     order by a.id`,
    [
      filter.startingAfter ?? null,
      filter.ownerId ?? null,
      filter.mode ?? null,
      filter.kind ?? null,
      filter.currency ?? null,
      filter.limit + 1,
    ],
  );
  return rows.map(bookedAccountOf);
}

export interface TrialBalanceLine {
  currency: string;
  kind: AccountKind;
  accounts: bigint;
  debits: bigint;
  credits: bigint;
}

/** What all accounts of a kind hold, at one moment: as they were rolled up, and what no block has yet. */
export async function readTrialBalance(database: Queryable, mode: Mode): Promise<TrialBalanceLine[]> {
  const { rows } = await database.query<TrialBalanceLine>(
    `with tail as materialized (
       select l.account_id, sum(l.amount) as amount
       from ledger_journals j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
       where j.tx >= ledger_sealed_until() and j.mode = $1 group by l.account_id
     ), held as (
       select a.currency, a.kind, coalesce(b.balance, 0) + coalesce(t.amount, 0) as balance
       from ledger_accounts a left join ledger_balances b on b.account_id = a.id left join tail t on t.account_id = a.id
       where a.mode = $1
     )
     select currency, kind, count(*) as accounts, coalesce(sum(balance) filter (where balance > 0), 0) as debits,
       coalesce(-sum(balance) filter (where balance < 0), 0) as credits
     from held group by currency, kind order by currency, kind`,
    [mode],
  );
  return rows;
}
