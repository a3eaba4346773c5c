import type { Knex } from 'knex';

/** Callbacks for merchants' eyes (a list by merchant), and the way out for old days of them. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
create index outbox_by_merchant on outbox (merchant_id, id);

-- Drops the oldest day of callbacks that is past its time and has nothing left to deliver; a row for each old
-- day looked at. One day a call, so that the lock it needs is held for a moment only; 'busy' when it was not to
-- be had at once. The names come from ensure_partitions.
create function drop_oldest_callback_day(keep_days int) returns table (day text, outcome text) language plpgsql
security definer set search_path = public set lock_timeout = '250ms' as $$
declare
  is_unsettled boolean;
begin
  if keep_days < 7 then
    raise exception 'callbacks are kept for 7 days at least, not %', keep_days;
  end if;
  for day in
    select right(c.relname, 8) from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'outbox'::regclass
      and right(c.relname, 8) < to_char((now() at time zone 'UTC') - make_interval(days => keep_days), 'YYYYMMDD')
    order by 1
  loop
    execute format('select exists (select from %I where status in (''pending'', ''handed_over''))', 'outbox_' || day)
      into is_unsettled;
    if is_unsettled then
      outcome := 'unsettled';
      return next;
      continue;
    end if;
    begin
      execute format('drop table %I', 'outbox_' || day);
      execute format('drop table if exists %I', 'callback_tries_' || day);
      outcome := 'dropped';
    exception when lock_not_available then
      outcome := 'busy';
    end;
    return next;
    return;
  end loop;
end $$;
revoke execute on function drop_oldest_callback_day(int) from public;
grant execute on function drop_oldest_callback_day(int) to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop function drop_oldest_callback_day(int); drop index outbox_by_merchant;');
}
