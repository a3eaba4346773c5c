import { accountKindNames, balanceOnNormalSide } from '../../../domain/ledger/account';
import { paged, verdict, type Invariant } from './check';
import { movers } from './movers';
import { nameOf } from './references';

const nobody = '00000000-0000-0000-0000-000000000000';
const growOnDebit = accountKindNames.filter((kind) => balanceOnNormalSide(kind, 1n) > 0n);

// The other side of a correction is what its account was not: up for one that grows on credit is a debit here.
const corrections = movers({
  kinds: ['adjustments'],
  broken: `select format('%s moved the adjustments account by %s, which nobody approved', reference, amount) as offender
  from moved where kind <> 'adjustment' or not exists (
    select from ledger_adjustments r
    where r.status = 'approved' and moved.reference = ${nameOf('adj', 'r.id')} and r.mode = moved.mode
      and ledger_account_id(r.mode, r.owner_kind, coalesce(r.owner_id, '${nobody}'), r.kind, r.currency) = any (moved.account_ids)
      and moved.amount = case when r.kind in (${growOnDebit.map((kind) => `'${kind}'`).join(', ')}) then -r.amount else r.amount end)`,
});

const approved = `
with page as materialized (
  select *, row_number() over (order by id) as n from (
    select id, status, ${nameOf('adj', 'id')} as name from ledger_adjustments
    where id > $1::uuid order by id limit $2
  ) r
), broken as (
  select format('%s is %s and %s booked', name, status, case when j.id is null then 'not' else 'is' end) as offender
  from page p left join ledger_journals j on j.reference = p.name
  where (p.status = 'approved') <> (j.id is not null)
)
${verdict('id::text')}`;

export const adjustmentsAreApproved: Invariant = {
  name: 'adjustments_are_approved',
  promise:
    'what moved the adjustments account is a correction that two people made, of its amount, and each of those is booked',
  parts: [corrections, paged({ start: nobody, pageRows: 1_000, text: approved })],
};
