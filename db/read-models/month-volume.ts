import type { Mode } from '../../domain/payment/reference';
import { lowestIdAt } from '../ids';
import type { Queryable } from '../pool';

/** What was captured of a merchant's payments since the month began (UTC), by currency, smallest units. */
export async function loadMonthVolume(
  db: Queryable,
  merchant: { merchantId: string; mode: Mode },
  now: Date,
): Promise<ReadonlyMap<string, bigint>> {
  const { rows } = await db.query<{ currency: string; volume: bigint }>({
    name: 'month_volume',
    text: `select currency, sum(captured) as volume from payments
           where merchant_id = $1 and mode = $2 and id >= $3 and captured > 0
           group by currency`,
    values: [merchant.merchantId, merchant.mode, lowestIdAt(monthStart(now))],
  });
  return new Map(rows.map(({ currency, volume }) => [currency, volume]));
}

/** By channel configuration, then by currency, in smallest units. */
export type ChannelVolumes = ReadonlyMap<string, Readonly<Record<string, bigint>>>;

/** What was captured through each channel since the month began (UTC), for all merchants. */
export async function loadChannelVolumes(db: Queryable, now: Date): Promise<ChannelVolumes> {
  const { rows } = await db.query<{ channel_config_id: string; currency: string; volume: bigint }>({
    name: 'channel_month_volumes',
    text: `select channel_config_id, currency, sum(amount) as volume from (
        select channel_config_id, currency, amount from channel_day_totals
        where day >= ($1::timestamptz at time zone 'UTC')::date
        union all
        select channel_config_id, currency, amount from provider_charges
        where disposition = 'payment' and created_at >= greatest($1::timestamptz,
          coalesce((select counted_until from channel_days_counted), '-infinity'))
      ) taken group by 1, 2`,
    values: [monthStart(now)],
  });
  const volumes = new Map<string, Record<string, bigint>>();
  for (const { channel_config_id: id, currency, volume } of rows) {
    volumes.set(id, { ...volumes.get(id), [currency]: volume });
  }
  return volumes;
}

function monthStart(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
}
