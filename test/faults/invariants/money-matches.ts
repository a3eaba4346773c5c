import { publicId } from '../../../domain/ids';
import { attemptReference } from '../../../domain/payment/reference';
import { isPaid, type PaymentStatus } from '../../../domain/payment/status';
import type { Finding } from '../finding';
import type { Evidence } from './evidence';

interface Charge {
  payment_id: string;
  attempt_no: number;
  provider_ref: string;
  amount: bigint;
  currency: string;
  disposition: string;
  status: PaymentStatus;
  captured: bigint;
  journals: bigint;
}

const chargesQuery = `
with journals as (
  select payment_id, count(*) as count from ledger_journals where refund_id is null group by payment_id
)
select c.payment_id, c.attempt_no, c.provider_ref, c.amount, c.currency, c.disposition, p.status, p.captured,
  coalesce(j.count, 0) as journals
from provider_charges c join payments p on p.id = c.payment_id left join journals j on j.payment_id = c.payment_id`;

const paidQuery = `
select p.id, p.status, p.captured, p.amount from payments p
where p.captured > 0 or p.status in ('succeeded', 'partially_refunded', 'refunded', 'disputed')`;

/** What was charged there is here, once, with the same amount; and nothing is here that was not charged there. */
export async function moneyMatches({ database, book }: Evidence): Promise<Finding> {
  const { rows: charges } = await database.query<Charge>(chargesQuery);
  const { rows: paid } = await database.query<{
    id: string;
    status: PaymentStatus;
    captured: bigint;
    amount: bigint;
  }>(paidQuery);
  const offenders: string[] = [];
  const byReference = new Map<string, Charge[]>();
  for (const charge of charges) {
    const reference = attemptReference(charge.payment_id, charge.attempt_no);
    byReference.set(reference, [...(byReference.get(reference) ?? []), charge]);
  }
  const inBook = new Map(
    book.filter(({ charges: count }) => count > 0).map((order) => [order.reference, order]),
  );

  for (const [reference, order] of inBook) {
    const here = byReference.get(reference) ?? [];
    const [charge] = here;
    if (charge === undefined || here.length > 1) {
      offenders.push(`${reference} was charged, and is here ${here.length} times`);
    } else if (charge.amount !== BigInt(order.amount) || charge.currency !== order.currency) {
      offenders.push(
        `${reference}: ${order.amount} ${order.currency} there, ${charge.amount} ${charge.currency} here`,
      );
    } else if (charge.provider_ref !== order.order_id) {
      offenders.push(`${reference} is ${order.order_id} there and ${charge.provider_ref} here`);
    }
  }
  for (const [reference, here] of byReference) {
    if (!inBook.has(reference)) offenders.push(`${reference} is here, and was never charged`);
    for (const charge of here) {
      if (charge.disposition === 'payment' && (!isPaid(charge.status) || charge.captured !== charge.amount)) {
        offenders.push(
          `${reference} was taken by a payment that is ${charge.status}, with ${charge.captured}`,
        );
      }
      if (charge.journals !== BigInt(here.length)) {
        offenders.push(`${reference} stands in ${charge.journals} journals`);
      }
    }
  }
  const taken = new Set(
    charges.filter(({ disposition }) => disposition === 'payment').map(({ payment_id }) => payment_id),
  );
  for (const { id, status } of paid) {
    if (!taken.has(id)) offenders.push(`${publicId('payment', id)} is ${status} without a charge`);
  }
  return {
    name: 'I3',
    promise:
      'each charge there is one payment here, or in suspense, of the same amount; and the other way round',
    checked: inBook.size + charges.length + paid.length,
    offenders,
  };
}
