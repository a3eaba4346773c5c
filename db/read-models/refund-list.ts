import type { RefundStatus } from '../../domain/refund/status';
import { lowestIdAt } from '../ids';
import type { Queryable } from '../pool';
import type { Scope } from '../scope';
import { toRefund, type RefundRow, type StoredRefund } from '../stores/refunds-store';

export interface RefundListQuery {
  limit: number;
  startingAfter?: string;
  statuses?: readonly RefundStatus[];
  paymentId?: string;
  from: Date;
  to?: Date;
}

/** Undefined as well if the scope does not reach it. */
export async function findRefund(
  db: Queryable,
  scope: Scope,
  refundId: string,
): Promise<StoredRefund | undefined> {
  const { rows } = await db.query<RefundRow>(
    `select * from refunds where id = $1 and ($2::uuid is null or (merchant_id = $2 and mode = $3))`,
    [refundId, ...tenantOf(scope)],
  );
  return rows[0] && toRefund(rows[0]);
}

/** Newest first; one more than the limit tells that there are more. The ids carry the time, so partitions prune. */
export async function listRefunds(
  db: Queryable,
  scope: Scope,
  query: RefundListQuery,
): Promise<StoredRefund[]> {
  const { rows } = await db.query<RefundRow>(
    `select * from refunds
     where ($1::uuid is null or (merchant_id = $1 and mode = $2)) and id >= $3::uuid
       and ($4::uuid is null or id < $4) and ($5::uuid is null or id < $5)
       and ($6::text[] is null or status = any ($6)) and ($7::uuid is null or payment_id = $7)
     order by id desc limit $8`,
    [
      ...tenantOf(scope),
      lowestIdAt(query.from),
      query.to === undefined ? null : lowestIdAt(query.to),
      query.startingAfter ?? null,
      query.statuses ?? null,
      query.paymentId ?? null,
      query.limit + 1,
    ],
  );
  return rows.map(toRefund);
}

function tenantOf(scope: Scope): [string | null, string | null] {
  return scope.role === 'merchant' ? [scope.merchantId, scope.mode] : [null, null];
}
