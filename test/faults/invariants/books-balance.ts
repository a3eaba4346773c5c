import type { Finding } from '../finding';
import { countIn, offendersIn, type Evidence } from './evidence';

const unbalanced = `
select format('%s sums to %s %s', j.reference, sum(l.amount), a.currency) as offender
from ledger_journals j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
left join ledger_accounts a on a.id = l.account_id
group by j.id, j.reference, a.currency having sum(l.amount) <> 0 or a.currency is null`;

const differing = `
with lines as (
  select tx, journal_id, array_agg(account_id order by no) as account_ids, array_agg(amount order by no) as amounts
  from ledger_postings group by tx, journal_id
)
select format('%s and its postings differ', coalesce(j.reference, l.journal_id::text)) as offender
from ledger_journals j full join lines l on l.tx = j.tx and l.journal_id = j.id
where j.account_ids is distinct from l.account_ids or j.amounts is distinct from l.amounts`;

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
  for (const query of [unbalanced, differing, misstated])
    offenders.push(...(await offendersIn(database, query)));
  return {
    name: 'I1',
    promise: 'every journal sums to zero, and every balance is the sum of its postings',
    checked: (await countIn(database, 'ledger_journals')) + (await countIn(database, 'ledger_accounts')),
    offenders,
  };
}
