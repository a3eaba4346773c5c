import { publicId } from '../../../domain/ids';
import type { Finding } from '../finding';
import { countIn, offendersIn, type Evidence } from './evidence';

const tooMuch = `
select format('pay_%s: %s captured, %s reserved, %s refunded, %s in its refunds',
  replace(p.id::text, '-', ''), p.captured, p.refund_reserved, p.refunded, coalesce(sum(r.amount), 0)) as offender
from payments p left join refunds r on r.payment_id = p.id and r.kind = 'merchant' and r.status <> 'failed'
group by p.id, p.captured, p.refund_reserved, p.refunded
having coalesce(sum(r.amount), 0) > p.captured or coalesce(sum(r.amount), 0) <> p.refund_reserved
  or coalesce(sum(r.amount) filter (where r.status = 'succeeded'), 0) <> p.refunded`;

/** No more is given back than was taken, and what the provider gave back is known here. */
export async function refundsFit({ database, book }: Evidence): Promise<Finding> {
  const { rows } = await database.query<{ id: string; amount: bigint; status: string }>(
    'select id, amount, status from refunds',
  );
  const here = new Map(rows.map((refund) => [publicId('refund', refund.id), refund]));
  const there = new Map(
    book.flatMap(({ refunds }) => refunds.map((refund) => [refund.refund_no, refund] as const)),
  );
  const offenders = await offendersIn(database, tooMuch);
  for (const order of book) {
    if (order.refunded_amount > order.amount * order.charges) {
      offenders.push(`${order.reference}: ${order.refunded_amount} of ${order.amount} were given back`);
    }
  }
  for (const [number, refund] of there) {
    const known = here.get(number);
    const isSame = known?.amount === BigInt(refund.amount) && known.status === refund.status;
    if (!isSame)
      offenders.push(
        `${number}: ${refund.amount} ${refund.status} there, ${known?.status ?? 'unknown'} here`,
      );
  }
  for (const [number, { status }] of here) {
    if (status === 'succeeded' && !there.has(number))
      offenders.push(`${number} is succeeded, and never was made`);
  }
  return {
    name: 'I5',
    promise: 'refunds are never more than was captured, and none is lost',
    checked: (await countIn(database, 'payments')) + there.size + here.size,
    offenders,
  };
}
