import type { Queryable } from '../pool';

export interface IdempotencyClaim {
  scope: string;
  key: string;
  operation: string;
  requestHash: Buffer;
  resourceId: string;
  lockForMs: number;
}

/** What a request with this key has to do. */
export type ClaimResult =
  | { kind: 'claimed'; resourceId: string; refusals: number; lockedUntil: Date }
  | { kind: 'answered'; status: number; body: Buffer }
  | { kind: 'in_progress' }
  | { kind: 'other_request' };

interface Raw {
  operation: string;
  request_hash: Buffer;
  resource_id: string;
  locked_until: Date | null;
  response_status: number | null;
  response_body: Buffer | null;
}

/**
 * Takes the key, or takes it over when whoever had it died: same request, no answer, lock run out. The
 * resource id of the first claim stays.
 */
export async function claimIdempotencyKey(db: Queryable, claim: IdempotencyClaim): Promise<ClaimResult> {
  const { rows } = await db.query<{ resource_id: string; refusals: number; locked_until: Date }>({
    name: 'idempotency_keys.claim',
    text: `insert into idempotency_keys as k (scope, key, operation, request_hash, resource_id, locked_until)
           values ($1, $2, $3, $4, $5, date_trunc('milliseconds', now()) + $6 * interval '1 millisecond')
           on conflict (scope, key) do update set locked_until = excluded.locked_until
             where k.response_status is null and k.operation = excluded.operation
               and k.request_hash = excluded.request_hash and (k.locked_until is null or k.locked_until < now())
           returning k.resource_id, k.refusals, k.locked_until`,
    values: [claim.scope, claim.key, claim.operation, claim.requestHash, claim.resourceId, claim.lockForMs],
  });
  const claimed = rows[0];
  if (claimed !== undefined) {
    const { resource_id: resourceId, refusals, locked_until: lockedUntil } = claimed;
    return { kind: 'claimed', resourceId, refusals, lockedUntil };
  }
  return readClaimed(db, claim);
}

async function readClaimed(db: Queryable, claim: IdempotencyClaim): Promise<ClaimResult> {
  const { rows } = await db.query<Raw>({
    name: 'idempotency_keys.read',
    text: `select operation, request_hash, resource_id, locked_until, response_status, response_body
           from idempotency_keys where scope = $1 and key = $2`,
    values: [claim.scope, claim.key],
  });
  const row = rows[0];
  // Swept between the two statements: the caller's repeat will find it free.
  if (row === undefined) return { kind: 'in_progress' };
  if (row.operation !== claim.operation || !row.request_hash.equals(claim.requestHash)) {
    return { kind: 'other_request' };
  }
  return row.response_status === null || row.response_body === null
    ? { kind: 'in_progress' }
    : { kind: 'answered', status: row.response_status, body: row.response_body };
}

/** How long a repeated request finds its first answer. */
export const idempotencyRetentionMs = 86_400_000;

export interface IdempotencyHold {
  scope: string;
  key: string;
  lockedUntil: Date;
}

/** Only the holder of the lock may write the answer: whoever lost it to another writes nothing. */
export async function storeIdempotentAnswer(
  db: Queryable,
  hold: IdempotencyHold,
  answer: { status: number; body: Buffer },
): Promise<void> {
  await db.query({
    name: 'idempotency_keys.store',
    text: `update idempotency_keys set response_status = $4, response_body = $5, locked_until = null
           where scope = $1 and key = $2 and locked_until = $3`,
    values: [hold.scope, hold.key, hold.lockedUntil, answer.status, answer.body],
  });
}

/**
 * After a failure that a repeat may mend: the key is free again, its resource id stays. A refusal that was answered is
 * counted, so that the repeat is asked anew.
 */
export async function releaseIdempotencyKey(
  db: Queryable,
  hold: IdempotencyHold,
  isRefused: boolean,
): Promise<void> {
  await db.query({
    name: 'idempotency_keys.release',
    text: `update idempotency_keys set locked_until = null, refusals = refusals + $4
           where scope = $1 and key = $2 and locked_until = $3`,
    values: [hold.scope, hold.key, hold.lockedUntil, isRefused ? 1 : 0],
  });
}

/** Removes what is older, in batches so that no statement holds many rows; returns how many went. */
export async function sweepIdempotencyKeys(
  db: Queryable,
  options: { olderThanMs: number; batchMax: number; batchesMax: number },
): Promise<number> {
  let removed = 0;
  for (let batch = 0; batch < options.batchesMax; batch += 1) {
    const { rowCount } = await db.query(
      `delete from idempotency_keys where ctid = any (array(
         select ctid from idempotency_keys where created_at < now() - $1 * interval '1 millisecond'
         order by created_at limit $2 for update skip locked))`,
      [options.olderThanMs, options.batchMax],
    );
    removed += rowCount ?? 0;
    if ((rowCount ?? 0) < options.batchMax) break;
  }
  return removed;
}
