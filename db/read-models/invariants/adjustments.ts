import { accountKindNames, balanceOnNormalSide } from '../../../domain/ledger/account';
import { nobody, paged, verdict, type Invariant } from './check';
import { movers } from './movers';
import { nameOf } from './references';

const growOnDebit = accountKindNames
  .filter((kind) => balanceOnNormalSide(kind, 1n) > 0n)
  .map((kind) => `'${kind}'`)
  .join(', ');

// The other side of a correction is what its account was not: up for one that grows on credit is a debit here.
const corrections = movers({
  kinds: ['adjustments'],
  broken: `select format('%s moved the adjustments account by %s, which nobody approved', reference, amount) as offender
  from moved where kind <> 'adjustment' or not exists (
    select from ledger_adjustments r
    where r.status = 'approved' and moved.reference = ${nameOf('adj', 'r.id')} and r.mode = moved.mode
      and ledger_account_id(r.mode, r.owner_kind, coalesce(r.owner_id, '${nobody}'), r.kind, r.currency) = any (moved.account_ids)
      and moved.amount = case when r.kind in (${growOnDebit}) then -r.amount else r.amount end)`,
});

/** As the journal says it, which is sealed: whoever changes what stands here can't change that. */
const reasonBooked = `p.reason || ' (asked for by ' || ${nameOf('key', 'p.requested_by')} || ')'`;

const linesOf = (lines: string) =>
  `array(select format('%s by %s', account_id, amount) from ${lines} l (account_id, amount) order by 1)`;

const approved = `
with page as materialized (
  select *, row_number() over (order by id) as n from (
    select id, status, reason, requested_by, decided_by, ${nameOf('adj', 'id')} as name,
      ledger_account_id(mode, owner_kind, coalesce(owner_id, '${nobody}'), kind, currency) as account_id,
      ledger_account_id(mode, 'platform', '${nobody}', 'adjustments', currency) as counter_id,
      case when kind in (${growOnDebit}) then amount else -amount end as debit
    from ledger_adjustments where id > $1::uuid order by id limit $2
  ) r
), booked as (
  select name, ${linesOf('(values (account_id, debit), (counter_id, -debit))')} as due,
    ${linesOf('unnest(j.account_ids, j.amounts)')} as lines
  from page p join ledger_journals j on j.reference = p.name where p.status = 'approved'
), broken as (
  select format('%s is %s and %s booked', name, status, case when j.id is null then 'not' else 'is' end) as offender
  from page p left join ledger_journals j on j.reference = p.name
  where (p.status = 'approved') <> (j.id is not null)
  union all
  select format('%s is to move %s, its journal moves %s', name, array_to_string(due, ', '), array_to_string(lines, ', '))
  from booked where lines <> due
  union all
  select format('%s was asked for and decided by one, %s', name, ${nameOf('key', 'decided_by')}) from page where decided_by = requested_by
  union all
  select format('%s was approved by %s (%s), its journal says %s (%s)', name, ${nameOf('key', 'decided_by')}, ${reasonBooked}, j.approved_by, j.reason)
  from page p join ledger_journals j on j.reference = p.name
  where p.status = 'approved'
    and (j.approved_by, j.reason) is distinct from (${nameOf('key', 'decided_by')}, ${reasonBooked})
  union all
  select format('%s was %s by %s, which is no key of an operator', name, what, ${nameOf('key', 'key_id')})
  from page cross join lateral (values ('asked for', requested_by), ('decided', decided_by)) k (what, key_id)
  where key_id is not null and not exists (select from api_keys where id = key_id and role = 'admin')
)
${verdict('id::text')}`;

export const adjustmentsAreApproved: Invariant = {
  name: 'adjustments_are_approved',
  promise:
    'what moved the adjustments account is a correction that two operators made, of its amount, and each of those is booked, on its account and no other, with their names and the reason',
  parts: [corrections, paged({ start: nobody, pageRows: 1_000, text: approved })],
};
