import type { Database, Queryable } from '../pool';
import { inTransaction } from '../transaction';

/** Longer than any transaction lives: what is older than this does not change any more. */
const settledAfter = '60 seconds';
const daysKept = 40;

/** By channel, then by currency, in smallest units. */
export type TakenToday = ReadonlyMap<string, Readonly<Record<string, bigint>>>;

/**
 * Rolls charges that can't change any more up into totals of their day (UTC), once for each of them, by whichever
 * process comes first; nobody waits for it. It begins with the month, and takes a day at a time.
 */
export async function rollUpDays(database: Database): Promise<void> {
  let isMore = true;
  while (isMore) isMore = await rollUpDay(database);
}

async function rollUpDay(database: Database): Promise<boolean> {
  return inTransaction(database, async (transaction) => {
    const { rows } = await transaction.query<{ is_mine: boolean }>(
      `select pg_try_advisory_xact_lock(hashtext('channel_day_totals')) as is_mine`,
    );
    if (rows[0]?.is_mine !== true) return false;
    await transaction.query(
      `insert into channel_days_counted (counted_until) values (date_trunc('month', now(), 'UTC')) on conflict do nothing`,
    );
    await transaction.query(
      `with span as (
         select counted_until as after, least(counted_until + interval '1 day', now() - interval '${settledAfter}') as until
         from channel_days_counted
       ), counted as (
         update channel_days_counted set counted_until = span.until from span where span.until > counted_until
       )
       insert into channel_day_totals as t (channel_config_id, currency, day, amount)
       select channel_config_id, currency, (created_at at time zone 'UTC')::date, sum(amount)
       from provider_charges, span
       where disposition = 'payment' and created_at >= span.after and created_at < span.until
       group by 1, 2, 3
       on conflict (day, channel_config_id, currency) do update set amount = t.amount + excluded.amount`,
    );
    await transaction.query(
      `delete from channel_day_totals where day < (now() at time zone 'UTC')::date - ${daysKept}`,
    );
    const { rowCount } = await transaction.query(
      `select from channel_days_counted where counted_until < now() - interval '${settledAfter}'`,
    );
    return rowCount === 1;
  });
}

/** The totals of today, and what has come since they were made. */
export async function readTakenToday(db: Queryable): Promise<TakenToday> {
  const { rows } = await db.query<{ channel_config_id: string; currency: string; amount: bigint }>({
    name: 'channel-taken-today',
    text: `select channel_config_id, currency, sum(amount) as amount from (
        select channel_config_id, currency, amount from channel_day_totals where day = (now() at time zone 'UTC')::date
        union all
        select channel_config_id, currency, amount from provider_charges
        where disposition = 'payment' and created_at >= greatest(date_trunc('day', now(), 'UTC'),
          coalesce((select counted_until from channel_days_counted), '-infinity'))
      ) taken group by 1, 2 limit 10000`,
  });
  const taken = new Map<string, Record<string, bigint>>();
  for (const { channel_config_id: id, currency, amount } of rows) {
    taken.set(id, { ...taken.get(id), [currency]: amount });
  }
  return taken;
}

/** Whether anybody has to count at all. */
export async function isAnyDayLimited(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ is_limited: boolean }>({
    name: 'channel-days-limited',
    text: `select exists (select from channel_configs where jsonb_path_exists(limits, '$.*.perDay')) as is_limited`,
  });
  return rows[0]?.is_limited === true;
}
