import type { Quote } from '../../domain/exchange/quote';
import type { Mode } from '../../domain/payment/reference';
import type { Queryable } from '../pool';
import type { Scope } from '../scope';

interface Raw {
  id: string;
  merchant_id: string;
  mode: Mode;
  source_amount: bigint;
  source_currency: string;
  target_amount: bigint;
  target_currency: string;
  rate_id: string;
  is_inverse: boolean;
  market_n: bigint;
  market_d: bigint;
  merchant_n: bigint;
  merchant_d: bigint;
  created_at: Date;
  expires_at: Date;
  payment_id: string | null;
  spread_percent: string;
  source: string;
  observed_at: Date;
}

const select = `select q.*, trim_scale(r.spread_percent)::text as spread_percent, r.source, r.observed_at
  from exchange_quotes q join exchange_rates r on r.id = q.rate_id`;

/** Repeated with the same id it is the quote that was made. One with a payment is locked to it from the start. */
export async function addQuote(database: Queryable, quote: Quote): Promise<void> {
  await database.query(
    `insert into exchange_quotes (id, merchant_id, mode, source_amount, source_currency, target_amount,
       target_currency, rate_id, is_inverse, market_n, market_d, merchant_n, merchant_d, created_at, expires_at,
       payment_id, locked_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, case when $16::uuid is not null then $14::timestamptz end)
     on conflict (id) do nothing`,
    [
      quote.id,
      quote.merchantId,
      quote.mode,
      quote.from.amount,
      quote.from.currency,
      quote.to.amount,
      quote.to.currency,
      quote.rateId,
      quote.isInverse,
      quote.market.n,
      quote.market.d,
      quote.merchant.n,
      quote.merchant.d,
      quote.createdAt,
      quote.expiresAt,
      quote.paymentId ?? null,
    ],
  );
}

/** False: another payment has it, or its time is over. Of many at once one is told true. */
export async function lockQuote(database: Queryable, id: string, paymentId: string): Promise<boolean> {
  const { rowCount } = await database.query(
    `update exchange_quotes set payment_id = $2, locked_at = now()
     where id = $1 and payment_id is null and expires_at >= now()`,
    [id, paymentId],
  );
  return rowCount === 1;
}

export async function findQuote(database: Queryable, scope: Scope, id: string): Promise<Quote | undefined> {
  const { rows } = await database.query<Raw>(
    `${select} where q.id = $1 and ($2::uuid is null or (q.merchant_id = $2 and q.mode = $3))`,
    scope.role === 'admin' ? [id, null, null] : [id, scope.merchantId, scope.mode],
  );
  return rows[0] && fromRow(rows[0]);
}

export async function listQuotes(
  database: Queryable,
  of: { merchantId: string; mode: Mode },
  page: { limit: number; startingAfter?: string },
): Promise<Quote[]> {
  const { rows } = await database.query<Raw>(
    `${select} where q.merchant_id = $1 and q.mode = $2 and ($3::uuid is null or q.id < $3)
     order by q.id desc limit $4`,
    [of.merchantId, of.mode, page.startingAfter ?? null, page.limit + 1],
  );
  return rows.map(fromRow);
}

function fromRow(row: Raw): Quote {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    mode: row.mode,
    from: { amount: row.source_amount, currency: row.source_currency },
    to: { amount: row.target_amount, currency: row.target_currency },
    rateId: row.rate_id,
    isInverse: row.is_inverse,
    market: { n: row.market_n.toString(), d: row.market_d.toString() },
    merchant: { n: row.merchant_n.toString(), d: row.merchant_d.toString() },
    spreadPercent: row.spread_percent,
    source: row.source,
    observedAt: row.observed_at,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    paymentId: row.payment_id ?? undefined,
  };
}
