import type { Mode } from '../../domain/payment/reference';
import type { PastOfChannels, PastPayment } from '../../domain/routing/simulate';
import type { Queryable } from '../pool';

/** The attempts of a time, by channel: those that nobody has finished yet say nothing. */
export async function loadPastOfChannels(db: Queryable, mode: Mode, since: Date): Promise<PastOfChannels> {
  const { rows } = await db.query<{
    channel_config_id: string;
    approved: number;
    other: number;
  }>(
    `select a.channel_config_id,
       (count(*) filter (where a.status in ('succeeded', 'authorized')))::int as approved,
       (count(*) filter (where a.status in ('declined', 'unavailable', 'unknown', 'expired', 'cancelled')))::int as other
     from payment_attempts a join channel_configs c on c.id = a.channel_config_id and c.mode = $1
     where a.payment_id >= uuid_at($2) group by 1 limit 1000`,
    [mode, since],
  );
  return new Map(rows.map((row) => [row.channel_config_id, { approved: row.approved, other: row.other }]));
}

export interface PastPage {
  merchantId: string;
  payment: PastPayment;
}

/** Newest first, page by page: the last id of one begins the next. */
export async function loadPastPayments(
  db: Queryable,
  page: { mode: Mode; merchantId?: string; since: Date; before?: string; limit: number },
): Promise<PastPage[]> {
  const { rows } = await db.query<{
    id: string;
    merchant_id: string;
    created_at: Date;
    amount: bigint;
    currency: string;
    method: string | null;
    capture: 'automatic' | 'manual';
    provider: string | null;
    country: string | null;
    channel_config_id: string;
  }>(
    `select p.id, p.merchant_id, p.created_at, p.amount, p.currency, p.method, p.capture,
       p.decision ->> 'provider' as provider, p.decision ->> 'country' as country, a.channel_config_id
     from payments p join payment_attempts a on a.payment_id = p.id and a.attempt_no = 1
     where p.id >= uuid_at($1) and ($2::uuid is null or p.id < $2) and p.mode = $3
       and ($4::uuid is null or p.merchant_id = $4)
     order by p.id desc limit $5`,
    [page.since, page.before ?? null, page.mode, page.merchantId ?? null, page.limit],
  );
  return rows.map((row) => ({
    merchantId: row.merchant_id,
    payment: {
      id: row.id,
      createdAtMs: row.created_at.getTime(),
      channelConfigId: row.channel_config_id,
      wish: {
        amount: row.amount,
        currency: row.currency,
        method: row.method ?? undefined,
        capture: row.capture,
        provider: row.provider ?? undefined,
        country: row.country ?? undefined,
        mode: page.mode,
        paymentId: row.id,
      },
    },
  }));
}
