import type { Mode } from '../../domain/payment/reference';
import type { Queryable } from '../pool';
import { paymentColumns, toPayment, type PaymentRow, type StoredPayment } from '../stores/payments-store';

/** Payments that wait for an operator's decision, oldest first; one more than asked for. */
export async function listReviews(
  db: Queryable,
  page: { mode?: Mode; limit: number; startingAfter?: string },
): Promise<StoredPayment[]> {
  const { rows } = await db.query<PaymentRow>(
    `select ${paymentColumns}
     from (
       select * from payments
       where status = 'review' and ($1::text is null or mode = $1) and ($2::uuid is null or id > $2)
       order by id limit $3
     ) p
     join payment_keys k on k.payment_id = p.id
     join payment_attempts a on a.payment_id = p.id and a.attempt_no = p.attempt_no
     order by p.id`,
    [page.mode ?? null, page.startingAfter ?? null, page.limit + 1],
  );
  return rows.map(toPayment);
}
