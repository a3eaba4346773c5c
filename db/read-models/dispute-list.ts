import type { DisputeStatus } from '../../domain/dispute/status';
import { lowestIdAt } from '../ids';
import type { Queryable } from '../pool';
import type { Scope } from '../scope';
import { toDispute, type DisputeRow, type StoredDispute } from '../stores/disputes-store';

export interface DisputeListQuery {
  limit: number;
  startingAfter?: string;
  statuses?: readonly DisputeStatus[];
  paymentId?: string;
  from: Date;
  to?: Date;
}

/** Undefined as well if the scope does not reach it. */
export async function findDispute(
  database: Queryable,
  scope: Scope,
  disputeId: string,
): Promise<StoredDispute | undefined> {
  const { rows } = await database.query<DisputeRow>(
    'select * from disputes where id = $1 and ($2::uuid is null or (merchant_id = $2 and mode = $3))',
    [disputeId, ...tenantOf(scope)],
  );
  return rows[0] && toDispute(rows[0]);
}

/** Newest first; one more than the limit tells that there are more. */
export async function listDisputes(
  database: Queryable,
  scope: Scope,
  query: DisputeListQuery,
): Promise<StoredDispute[]> {
  const { rows } = await database.query<DisputeRow>(
    `select * from disputes
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
  return rows.map(toDispute);
}

function tenantOf(scope: Scope): [string | null, string | null] {
  return scope.role === 'merchant' ? [scope.merchantId, scope.mode] : [null, null];
}
