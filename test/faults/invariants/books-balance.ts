import type { Finding } from '../finding';
import { countIn, offendersIn, type Evidence } from './evidence';

const unbalanced = `
select format('%s sums to %s %s', j.reference, sum(l.amount), a.currency) as offender
from ledger_journals j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
left join ledger_accounts a on a.id = l.account_id
group by j.id, j.reference, a.currency having sum(l.amount) <> 0 or a.currency is null`;

const unlisted = `
select format('block until %s lists %s on account %s, its journals %s', b.tx_until, b.amount, b.account_id, m.amount) as offender
from (
  select b.tx_until, p.account_id, sum(p.amount) as amount, count(*) as lines, array_agg(distinct p.tx order by p.tx) as txs
  from ledger_blocks b join ledger_postings p on p.tx >= b.tx_from and p.tx < b.tx_until group by b.tx_until, p.account_id
) m full join ledger_account_blocks b on b.tx_until = m.tx_until and b.account_id = m.account_id
where (b.amount, b.posting_count) is distinct from (m.amount, m.lines)
  or (select array_agg(distinct tx order by tx) from unnest(b.txs) tx) is distinct from m.txs`;

const misstated = `
select format('account %s says %s, its postings %s', a.id, ledger_balance(a.id), sum(p.amount)) as offender
from ledger_accounts a join ledger_postings p on p.account_id = a.id
group by a.id having ledger_balance(a.id) <> sum(p.amount)
union all
select format('account %s was rolled up to %s, its postings to %s', b.account_id, b.balance, sum(p.amount))
from ledger_balances b join ledger_postings p on p.account_id = b.account_id and p.tx < b.through_tx
group by b.account_id, b.balance, b.posting_count having b.balance <> sum(p.amount) or b.posting_count <> count(*)`;

export async function booksBalance({ database }: Evidence): Promise<Finding> {
  const offenders = [];
  for (const query of [unbalanced, unlisted, misstated])
    offenders.push(...(await offendersIn(database, query)));
  return {
    name: 'I1',
    promise: 'every journal sums to zero, and every balance is the sum of its postings',
    checked: (await countIn(database, 'ledger_journals')) + (await countIn(database, 'ledger_accounts')),
    offenders,
  };
}
