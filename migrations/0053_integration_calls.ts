import type { Knex } from 'knex';

/** Every call to a third party: when, what, how it went. Redacted before it comes here. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
create table integration_calls (
  id uuid primary key,
  service_id uuid not null,
  service_type text not null,
  kind text not null,
  operation text not null,
  requested_at timestamptz not null,
  duration_ms int not null,
  -- Null where nothing was sent: over the limit, behind an open breaker.
  endpoint text,
  request_payload text,
  response_payload text,
  status_code int,
  outcome text not null check (outcome in ('ok', 'declined', 'retryable', 'unknown', 'misconfigured')),
  error_message text,
  correlation_id text collate "C" not null
) partition by range (id);
create index integration_calls_by_service on integration_calls (service_id, id);
create index integration_calls_by_correlation on integration_calls (correlation_id);

select ensure_partitions('integration_calls', 'month', 3);

-- Drops the oldest month that ended more than so many days ago; its name, 'busy' when the lock was not to be had
-- at once, nothing when there is none. The names come from ensure_partitions.
create function drop_oldest_call_month(keep_days int) returns text language plpgsql
security definer set search_path = public set lock_timeout = '250ms' as $$
declare
  month text;
begin
  if keep_days < 1 then
    raise exception 'calls are kept for a day at least, not %', keep_days;
  end if;
  select right(c.relname, 6) into month from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'integration_calls'::regclass
    and to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month'
      <= (now() at time zone 'UTC') - make_interval(days => keep_days)
  order by 1 limit 1;
  if month is null then
    return null;
  end if;
  execute format('drop table %I', 'integration_calls_' || month);
  return month;
exception when lock_not_available then
  return 'busy';
end $$;
revoke execute on function drop_oldest_call_month(int) from public;
grant execute on function drop_oldest_call_month(int) to durapay_app;

grant select, insert on integration_calls to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop function drop_oldest_call_month(int); drop table integration_calls;');
}
