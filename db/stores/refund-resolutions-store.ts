import type { RefundResolved } from '../../domain/refund/resolution';
import type { Queryable } from '../pool';

/** An operator's word on a refund in doubt: who said it, and why. */
export interface RefundResolution {
  requestId: string;
  outcome: RefundResolved;
  reason: string;
  keyId: string;
}

export type NewResolution = RefundResolution & { refundId: string; outsideRefunded?: bigint };

/** False, and nothing is written, if the refund is not in doubt or its word was given before. */
export async function insertResolution(database: Queryable, word: NewResolution): Promise<boolean> {
  const { rowCount } = await database.query(
    `with refund as (select id from refunds where id = $1 and status = 'unknown' for update)
insert into refund_resolutions (refund_id, request_id, outcome, reason, key_id, outside_refunded)
select id, $2, $3, $4, $5, $6 from refund on conflict do nothing`,
    [word.refundId, word.requestId, word.outcome, word.reason, word.keyId, word.outsideRefunded ?? null],
  );
  return rowCount === 1;
}

export async function findResolution(
  database: Queryable,
  refundId: string,
): Promise<RefundResolution | undefined> {
  const { rows } = await database.query<{
    request_id: string;
    outcome: RefundResolved;
    reason: string;
    key_id: string;
  }>('select request_id, outcome, reason, key_id from refund_resolutions where refund_id = $1', [refundId]);
  const [row] = rows;
  return row && { requestId: row.request_id, outcome: row.outcome, reason: row.reason, keyId: row.key_id };
}
