import type { Knex } from 'knex';

/** How much each service may still be asked: one row that all processes take from, in chunks. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
-- Unlogged: after a crash everybody begins with a full bucket, which costs nothing that matters.
create unlogged table call_tokens (
  service_id uuid primary key,
  tokens double precision not null,
  refilled_at timestamptz not null,
  -- Of the second in which it was last taken from.
  second_at timestamptz not null,
  used_in_second int not null,
  warned_at timestamptz
);

-- Logged: a day's quota must not begin anew with a crash. One row for each period, of the one that runs.
create table call_quotas (
  service_id uuid not null,
  period text not null check (period in ('hour', 'day')),
  starts_at timestamptz not null,
  used bigint not null check (used >= 0),
  is_warned boolean not null default false,
  primary key (service_id, period)
);

-- Takes up to so many calls, and says what is near its end (from 80 %), once a period; of the rate, once a minute.
-- Periods are those of UTC.
create function lease_calls(service uuid, wanted int, given_back int, per_second double precision, burst double precision,
  per_hour bigint, per_day bigint, out granted int, out retry_ms int, out held_by text, out warnings text[])
language plpgsql as $$
declare
  moment timestamptz := clock_timestamp();
  bucket call_tokens;
  quota call_quotas;
  level double precision;
  period_name text;
  allowed bigint;
  begins timestamptz;
begin
  granted := wanted;
  retry_ms := 0;
  warnings := '{}';
  if per_second is not null then
    insert into call_tokens values (service, burst, moment, date_trunc('second', moment), 0) on conflict do nothing;
    select * into bucket from call_tokens where service_id = service for update;
    level := least(burst,
      bucket.tokens + per_second * greatest(0, extract(epoch from moment - bucket.refilled_at)::double precision));
    if level < granted then
      granted := floor(level);
      held_by := 'second';
      retry_ms := ceil((1 - (level - granted)) / per_second * 1000);
    end if;
  end if;
  foreach period_name in array array['hour', 'day'] loop
    allowed := case period_name when 'hour' then per_hour else per_day end;
    continue when allowed is null;
    begins := date_trunc(period_name, moment at time zone 'UTC') at time zone 'UTC';
    insert into call_quotas as q values (service, period_name, begins, 0)
      on conflict (service_id, period) do update set starts_at = begins,
        used = case when q.starts_at = begins then greatest(0, q.used - given_back) else 0 end,
        is_warned = q.is_warned and q.starts_at = begins
      returning * into quota;
    if allowed - quota.used < granted then
      granted := greatest(0, allowed - quota.used);
      held_by := period_name;
      retry_ms := ceil(extract(epoch from begins + ('1 ' || period_name)::interval - moment) * 1000);
    end if;
  end loop;
  if granted = 0 then
    return;
  end if;
  if per_second is not null then
    bucket.used_in_second := granted +
      case when bucket.second_at = date_trunc('second', moment) then bucket.used_in_second else 0 end;
    if per_second >= 5 and bucket.used_in_second >= 0.8 * per_second
      and (bucket.warned_at is null or bucket.warned_at < moment - interval '1 minute') then
      bucket.warned_at := moment;
      warnings := warnings || 'second'::text;
    end if;
    update call_tokens set tokens = level - granted, refilled_at = moment, second_at = date_trunc('second', moment),
      used_in_second = bucket.used_in_second, warned_at = bucket.warned_at where service_id = service;
  end if;
  for quota in select * from call_quotas where service_id = service loop
    allowed := case quota.period when 'hour' then per_hour else per_day end;
    continue when allowed is null;
    if not quota.is_warned and quota.used + granted >= 0.8 * allowed then
      quota.is_warned := true;
      warnings := warnings || quota.period;
    end if;
    update call_quotas set used = quota.used + granted, is_warned = quota.is_warned
      where service_id = service and period = quota.period;
  end loop;
end $$;

-- What operators are told about services: a limit near its end, a service that has fallen ill or is well again.
create table integration_alerts (
  id uuid primary key,
  service_id uuid not null,
  kind text not null check (kind in ('limit_near', 'health_failed', 'health_recovered')),
  details jsonb not null,
  created_at timestamptz not null default now()
);
create index integration_alerts_by_service on integration_alerts (service_id, id);

grant select, insert, update on call_tokens, call_quotas to durapay_app;
grant select, insert on integration_alerts to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
drop function lease_calls(uuid, int, int, double precision, double precision, bigint, bigint);
drop table integration_alerts, call_quotas, call_tokens;
`);
}
