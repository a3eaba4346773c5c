import { lowestIdAt } from '../ids';
import type { Queryable } from '../pool';

/** An outbox row under a lease: until it ends, only the holder of this fence delivers and settles it. */
export interface ClaimedEvent {
  id: string;
  endpointId: string;
  type: string;
  body: string;
  fence: number;
  createdAt: Date;
}

/** Of a row that is written under a lease; the first claim of any other gives it the same. */
export const fenceAtBirth = 1;

export interface CallbackTry {
  at: Date;
  durationMs: number;
  statusCode: number | null;
  /** The answer's first bytes, or why there was none. */
  answer: string;
}

export interface Settlement {
  eventId: string;
  fence: number;
  /** 'pending': it stays in the outbox and may be claimed again after `leaseForMs`. */
  status: 'delivered' | 'handed_over' | 'abandoned' | 'pending';
  leaseForMs?: number;
  tried?: CallbackTry;
}

export interface ClaimOptions {
  limit: number;
  leaseMs: number;
  /** Endpoints that have their hands full: their rows stay where they are. */
  exceptEndpoints: readonly string[];
  /** What was written before is left to a claim that looks at everything. */
  since?: Date;
}

const lowestId = '00000000-0000-0000-0000-000000000000';
const clockSkewMsMax = 3_600_000;

// Losing a claim or a settlement in a crash of the server costs a repeated callback and nothing else, so these
// statements do not wait for the disk. They are for the pool only: inside a transaction they would take its
// durability with them.
const withoutDiskWait = `(select set_config('synchronous_commit', 'off', true)) is not null`;

// The bounds on ids are there for the planner: they leave one or two days' partitions to look at.
const claimStatement = `
with due as (
  select id from outbox
  where status = 'pending' and (lease_until is null or lease_until < now())
    and id >= $1 and id < $2 and endpoint_id <> all($3::uuid[])
  order by id limit $4 for update skip locked
)
update outbox o set lease_until = now() + make_interval(secs => $5 / 1000.0), fence = o.fence + 1
from due where o.id = due.id and o.id >= $1 and o.id < $2 and ${withoutDiskWait}
returning o.id, o.endpoint_id, o.type, o.body, o.fence, o.created_at`;

/** Takes up to `limit` due rows, oldest first. What another relay is about to take is passed by. */
export async function claimOutbox(database: Queryable, options: ClaimOptions): Promise<ClaimedEvent[]> {
  const { rows } = await database.query<{
    id: string;
    endpoint_id: string;
    type: string;
    body: string;
    fence: number;
    created_at: Date;
  }>({
    name: 'outbox-claim',
    text: claimStatement,
    values: [
      options.since === undefined ? lowestId : lowestIdAt(options.since),
      lowestIdAt(new Date(Date.now() + clockSkewMsMax)),
      options.exceptEndpoints,
      options.limit,
      options.leaseMs,
    ],
  });
  return rows.map((row) => ({
    id: row.id,
    endpointId: row.endpoint_id,
    type: row.type,
    body: row.body,
    fence: row.fence,
    createdAt: row.created_at,
  }));
}

const settleStatement = `
with result as (
  select * from unnest($1::uuid[], $2::int[], $3::text[], $4::int[], $5::timestamptz[], $6::int[], $7::int[], $8::text[])
    as r (event_id, fence, status, lease_for_ms, at, duration_ms, status_code, answer)
), settled as (
  update outbox o set status = r.status,
    lease_until = case r.status when 'pending' then now() + make_interval(secs => r.lease_for_ms / 1000.0) end,
    settled_at = case when r.status in ('delivered', 'abandoned') then now() end
  from result r
  where o.id = r.event_id and o.fence = r.fence and o.status = 'pending' and o.id >= $9 and o.id <= $10
    and ${withoutDiskWait}
  returning o.id
), tried as (
  insert into callback_tries (event_id, try_no, at, duration_ms, status_code, answer)
  select r.event_id, 1 + coalesce((select max(t.try_no) from callback_tries t where t.event_id = r.event_id), 0),
    r.at, r.duration_ms, r.status_code, r.answer
  from result r join settled s on s.id = r.event_id where r.at is not null
  on conflict do nothing
)
select id from settled`;

/**
 * The whole batch in one statement. The ids that were settled come back: a missing one was lost to another
 * relay after the lease had run out, or to its workflow, and nothing is written for it.
 */
export async function settleOutbox(database: Queryable, batch: readonly Settlement[]): Promise<Set<string>> {
  const ids = batch.map(({ eventId }) => eventId);
  const ordered = [...ids].sort();
  const { rows } = await database.query<{ id: string }>({
    name: 'outbox-settle',
    text: settleStatement,
    values: [
      ids,
      batch.map(({ fence }) => fence),
      batch.map(({ status }) => status),
      batch.map(({ leaseForMs }) => leaseForMs ?? 0),
      batch.map(({ tried }) => tried?.at ?? null),
      batch.map(({ tried }) => tried?.durationMs ?? null),
      batch.map(({ tried }) => tried?.statusCode ?? null),
      batch.map(({ tried }) => tried?.answer ?? null),
      ordered.at(0),
      ordered.at(-1),
    ],
  });
  return new Set(rows.map(({ id }) => id));
}
