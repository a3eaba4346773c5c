import type { Mode } from '../../domain/payment/reference';
import { lowestIdAt } from '../ids';
import type { Queryable } from '../pool';

/** What was captured of a merchant's payments since the month began (UTC), by currency, smallest units. */
export async function loadMonthVolume(
  db: Queryable,
  merchant: { merchantId: string; mode: Mode },
  now: Date,
): Promise<ReadonlyMap<string, bigint>> {
  const monthStart = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
  const { rows } = await db.query<{ currency: string; volume: bigint }>({
    name: 'month_volume',
    text: `select currency, sum(captured) as volume from payments
           where merchant_id = $1 and mode = $2 and id >= $3 and captured > 0
           group by currency`,
    values: [merchant.merchantId, merchant.mode, lowestIdAt(monthStart)],
  });
  return new Map(rows.map(({ currency, volume }) => [currency, volume]));
}
