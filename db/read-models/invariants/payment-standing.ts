import { isPaid, paymentStatuses } from '../../../domain/payment/status';
import { takesOwnMoney } from '../../stores/taken-back';
import { nobody, paged, verdict, type Part } from './check';
import { nameOf } from './references';

const paidStatuses = paymentStatuses
  .filter(isPaid)
  .map((status) => `'${status}'`)
  .join(', ');

// What is captured may be refunded and disputed while more is to be captured: only when the payment has ended does its
// status say so. Late money moves without its payment.
const standings = `
with page as materialized (
  select *, row_number() over (order by id) as n from (
    select id, status, captured, refunded from payments where id > $1::uuid order by id limit $2
  ) p
), broken as (
  select format('%s is %s; by its refunds and disputes it is %s', ${nameOf('pay', 'p.id')}, p.status, s.standing) as offender
  from page p cross join lateral (
    select case when exists (select from disputes where payment_id = p.id and ${takesOwnMoney}) then 'disputed'
      when p.refunded = 0 then 'succeeded' when p.refunded >= p.captured then 'refunded' else 'partially_refunded' end as standing
  ) s
  where p.status in (${paidStatuses}) and p.status <> s.standing
)
${verdict('id::text')}`;

/** Whether a payment's status says what became of its money. */
export const paymentStandings: Part = paged({ start: nobody, pageRows: 1_000, text: standings });
