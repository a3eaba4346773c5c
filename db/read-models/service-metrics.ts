import { lowestIdAt } from '../ids';
import type { Queryable } from '../pool';

export interface ServiceMetrics {
  count: number;
  /** False: there were more calls than are looked at; what is told is of the newest ones. */
  isComplete: boolean;
  ok: number;
  declined: number;
  failed: number;
  p50Ms: number | null;
  p95Ms: number | null;
  p99Ms: number | null;
}

/** However many calls there were, no more than this many are read. */
const callsMax = 20_000;

/** Of calls that were sent; what our own limit or breaker held back says nothing of the service's time. */
export async function readServiceMetrics(
  db: Queryable,
  serviceId: string,
  since: Date,
): Promise<ServiceMetrics> {
  const { rows } = await db.query<{
    count: number;
    ok: number;
    declined: number;
    p50: number | null;
    p95: number | null;
    p99: number | null;
  }>(
    `with calls as (
       select outcome, duration_ms, endpoint from integration_calls
       where service_id = $1 and id >= $2 order by id desc limit ${callsMax}
     )
     select count(*)::int as count, (count(*) filter (where outcome = 'ok'))::int as ok,
       (count(*) filter (where outcome = 'declined'))::int as declined,
       percentile_disc(0.5) within group (order by duration_ms) filter (where endpoint is not null) as p50,
       percentile_disc(0.95) within group (order by duration_ms) filter (where endpoint is not null) as p95,
       percentile_disc(0.99) within group (order by duration_ms) filter (where endpoint is not null) as p99
     from calls`,
    [serviceId, lowestIdAt(since)],
  );
  const row = rows[0] ?? { count: 0, ok: 0, declined: 0, p50: null, p95: null, p99: null };
  const { count, ok, declined } = row;
  return {
    count,
    isComplete: count < callsMax,
    ok,
    declined,
    failed: count - ok - declined,
    p50Ms: row.p50,
    p95Ms: row.p95,
    p99Ms: row.p99,
  };
}
