import { noChannelCode } from '../../domain/payment/no-channel';
import type { Mode } from '../../domain/payment/reference';
import type { PaymentMethod } from '../../domain/payment/request';
import type { PaymentStatus } from '../../domain/payment/status';
import { lowestIdAt } from '../ids';
import type { Queryable } from '../pool';
import { paymentColumns, toPayment, type PaymentRow, type StoredPayment } from '../stores/payments-store';

export interface PaymentListQuery {
  limit: number;
  /** A payment's id: the page begins with the payment before it. */
  startingAfter?: string;
  /** As merchants are shown them: `pending` waits for a channel, and is `processing` otherwise. */
  statuses?: readonly PaymentStatus[];
  currency?: string;
  method?: PaymentMethod;
  from: Date;
  to?: Date;
}

/**
 * A merchant's payments, newest first; one more than the limit tells that there are more. Every bound is a
 * bound of the id, which carries the time: so only the partitions in between are read.
 */
export async function listPayments(
  db: Queryable,
  scope: { merchantId: string; mode: Mode },
  query: PaymentListQuery,
): Promise<StoredPayment[]> {
  const { rows } = await db.query<PaymentRow>(
    `select ${paymentColumns}
     from (
       select * from payments
       where merchant_id = $1 and mode = $2 and id >= $3::uuid
         and ($4::uuid is null or id < $4) and ($5::uuid is null or id < $5)
         and ($6::text[] is null or case
           when status = 'pending' and last_error ->> 'code' is distinct from $10 then 'processing' else status end = any ($6))
         and ($7::text is null or currency = $7) and ($9::text is null or method = $9)
       order by id desc limit $8
     ) p
     join payment_keys k on k.payment_id = p.id
     join payment_attempts a on a.payment_id = p.id and a.attempt_no = p.attempt_no
     order by p.id desc`,
    [
      scope.merchantId,
      scope.mode,
      lowestIdAt(query.from),
      query.to === undefined ? null : lowestIdAt(query.to),
      query.startingAfter ?? null,
      query.statuses ?? null,
      query.currency ?? null,
      query.limit + 1,
      query.method ?? null,
      noChannelCode,
    ],
  );
  return rows.map(toPayment);
}
