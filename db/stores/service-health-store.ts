import { lowestIdAt } from '../ids';
import type { Queryable } from '../pool';

export interface HealthFinding {
  serviceId: string;
  isHealthy: boolean;
  /** Why not. */
  message?: string;
}

/** One failure may be an accident; this many in a row are an illness. */
const failuresToFallIll = 2;

/** What has changed with it, if anything: that is what somebody is told. */
export async function recordHealth(
  db: Queryable,
  finding: HealthFinding,
): Promise<'failed' | 'recovered' | undefined> {
  const { rows } = await db.query<{ status: string; was: string | null }>(
    `with old as (select status, since, failures_in_row from service_health where service_id = $1),
     now_is as (
       select case when $2 then 'healthy'
                   when coalesce((select failures_in_row from old), ${failuresToFallIll}) + 1 >= ${failuresToFallIll}
                     then 'unhealthy'
                   else (select status from old) end as status,
              case when $2 then 0 else coalesce((select failures_in_row from old), 0) + 1 end as failures
     )
     insert into service_health as h (service_id, status, since, checked_at, failures_in_row, message)
     select $1, status, now(), now(), failures, $3 from now_is
     on conflict (service_id) do update set status = excluded.status, checked_at = excluded.checked_at,
       since = case when h.status = excluded.status then h.since else excluded.since end,
       failures_in_row = excluded.failures_in_row, message = excluded.message
     returning status, (select status from old) as was`,
    [finding.serviceId, finding.isHealthy, finding.message ?? null],
  );
  const { status, was } = rows[0] ?? {};
  if (status === 'unhealthy' && was !== 'unhealthy') return 'failed';
  return status === 'healthy' && was === 'unhealthy' ? 'recovered' : undefined;
}

/** Which of them have answered a call since then: nobody need ask those. */
export async function answeredSince(
  db: Queryable,
  serviceIds: readonly string[],
  since: Date,
): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>(
    `select id from unnest($1::uuid[]) as id where exists (
       select from integration_calls c where c.service_id = id.id and c.id >= $2 and c.outcome in ('ok', 'declined'))`,
    [serviceIds, lowestIdAt(since)],
  );
  return new Set(rows.map(({ id }) => id));
}
