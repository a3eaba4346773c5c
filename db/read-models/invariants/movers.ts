import type { AccountKind } from '../../../domain/ledger/account';
import { nobody, paged, verdict, type Part } from './check';

const afterAllBlocks = (2n ** 64n - 1n).toString();

/**
 * Whatever moved the accounts of some kinds, line by line: what the accounts list of each block, and then what no block
 * has yet. `broken` selects offenders from `moved`, which is a journal's columns with the line's `amount` and `account_kind`.
 */
export function movers({ kinds, broken }: { kinds: readonly AccountKind[]; broken: string }): Part {
  const text = `
with accounts as materialized (
  select id, kind from ledger_accounts where kind in (${kinds.map((kind) => `'${kind}'`).join(', ')})
), page as materialized (
  select *, row_number() over (order by account_id, tx_until) as n from (
    (select account_id, tx_until, txs from ledger_account_blocks
     where account_id = any (array(select id from accounts))
       and (account_id, tx_until) > (split_part($1, '/', 1)::uuid, split_part($1, '/', 2)::xid8)
     order by account_id, tx_until limit $2)
    union all
    select l.account_id, '${afterAllBlocks}'::xid8, array_agg(j.tx)
    from ledger_journals j cross join lateral unnest(j.account_ids) l (account_id) join accounts a on a.id = l.account_id
    where j.tx >= ledger_sealed_until()
      and (l.account_id, '${afterAllBlocks}'::xid8) > (split_part($1, '/', 1)::uuid, split_part($1, '/', 2)::xid8)
    group by l.account_id
    order by account_id, tx_until limit $2
  ) p
), moved as (
  select j.*, l.amount, a.kind as account_kind
  from page p join accounts a on a.id = p.account_id
  cross join lateral (select distinct unnest(p.txs) as tx) t
  join ledger_journals j on j.tx = t.tx and p.account_id = any (j.account_ids)
  cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
  where l.account_id = p.account_id
), broken as (
  ${broken}
)
${verdict("account_id::text || '/' || tx_until::text")}`;
  return paged({ start: `${nobody}/0`, pageRows: 10, text });
}
