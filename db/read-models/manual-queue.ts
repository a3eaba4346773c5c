import type { Mode } from '../../domain/payment/reference';
import type { Queryable } from '../pool';

export interface QueuedPayment {
  id: string;
  merchantId: string;
  mode: Mode;
  orderId: string;
  amount: bigint;
  currency: string;
  /** What was said about the channels when it was decided that none can take it. */
  considered: { channelConfigId: string; channel: string; reason: string }[];
  /** The last attempt's failure, where one was made. */
  lastFailure: string | null;
  waitingSince: Date;
  expiresAt: Date;
}

/** Payments that no channel could take, oldest first; one more than asked for. */
export async function loadManualQueue(
  db: Queryable,
  page: { mode?: Mode; limit: number; startingAfter?: string },
): Promise<QueuedPayment[]> {
  const { rows } = await db.query<{
    id: string;
    merchant_id: string;
    mode: Mode;
    order_id: string;
    amount: bigint;
    currency: string;
    considered: QueuedPayment['considered'];
    last_failure: string | null;
    updated_at: Date;
    expires_at: Date;
  }>(
    `select p.id, p.merchant_id, p.mode, p.order_id, p.amount, p.currency, p.updated_at, p.expires_at,
       coalesce(p.decision -> 'routing' -> 'considered', '[]') as considered, a.error ->> 'message' as last_failure
     from payments p left join payment_attempts a on a.payment_id = p.id and a.attempt_no = p.attempt_no
     where p.status = 'pending' and (p.last_error ->> 'code') = 'no_channel'
       and ($1::text is null or p.mode = $1) and ($2::uuid is null or p.id > $2)
     order by p.id limit $3`,
    [page.mode ?? null, page.startingAfter ?? null, page.limit + 1],
  );
  return rows.map((row) => ({
    id: row.id,
    merchantId: row.merchant_id,
    mode: row.mode,
    orderId: row.order_id,
    amount: row.amount,
    currency: row.currency,
    considered: row.considered,
    lastFailure: row.last_failure,
    waitingSince: row.updated_at,
    expiresAt: row.expires_at,
  }));
}
