import type { CheckedRate } from '../../domain/exchange/check-rate';
import type { KnownRates, ObservedRate } from '../../domain/exchange/rates';
import type { Queryable } from '../pool';

export interface NewRate extends CheckedRate {
  id: string;
  source: string;
  recordedBy: string;
}

export interface RateRow extends ObservedRate {
  recordedAt: Date;
  recordedBy: string;
}

interface Raw {
  id: string;
  base: string;
  quote: string;
  rate: string;
  spread_percent: string;
  source: string;
  observed_at: Date;
  recorded_at: Date;
  recorded_by: string;
}

// As text: a rate has decimals, and numbers of the database arrive as whole ones.
const columns = `id, base, quote, trim_scale(rate)::text as rate, trim_scale(spread_percent)::text as spread_percent,
  source, observed_at, recorded_at, recorded_by`;

/**
 * All or none that are new, in one statement. What its source has said of a pair and a moment stays: the rates of
 * those are left out of the answer, which names what was written.
 */
export async function addRates(database: Queryable, rates: readonly NewRate[]): Promise<Set<string>> {
  const { rows } = await database.query<{ id: string }>(
    `insert into exchange_rates (id, base, quote, rate, spread_percent, source, observed_at, recorded_by)
     select * from unnest($1::uuid[], $2::text[], $3::text[], $4::numeric[], $5::numeric[], $6::text[],
       $7::timestamptz[], $8::text[])
     on conflict (source, base, quote, observed_at) do nothing returning id`,
    [
      rates.map(({ id }) => id),
      rates.map(({ base }) => base),
      rates.map(({ quote }) => quote),
      rates.map(({ rate }) => rate),
      rates.map(({ spreadPercent }) => spreadPercent),
      rates.map(({ source }) => source),
      rates.map(({ observedAt }) => observedAt.toISOString()),
      rates.map(({ recordedBy }) => recordedBy),
    ],
  );
  return new Set(rows.map(({ id }) => id));
}

export async function findRate(database: Queryable, id: string): Promise<RateRow | undefined> {
  const { rows } = await database.query<Raw>(`select ${columns} from exchange_rates where id = $1`, [id]);
  return rows[0] && fromRow(rows[0]);
}

/** The newest of a pair, and of the pair turned round. */
export async function newestRates(
  database: Queryable,
  pair: { source: string; target: string },
): Promise<KnownRates> {
  const newest = (base: string, quote: string) =>
    `(select ${columns} from exchange_rates where base = ${base} and quote = ${quote}
      order by observed_at desc, id desc limit 1)`;
  const { rows } = await database.query<Raw>({
    name: 'exchange_rates.newest',
    text: `${newest('$1', '$2')} union all ${newest('$2', '$1')}`,
    values: [pair.source, pair.target],
  });
  const found = rows.map(fromRow);
  return {
    direct: found.find(({ base }) => base === pair.source),
    inverse: found.find(({ base }) => base === pair.target),
  };
}

export interface RateFilter {
  limit: number;
  startingAfter?: string;
  base?: string;
  quote?: string;
  source?: string;
}

/** In the order in which they were written down, the last first. */
export async function listRates(database: Queryable, filter: RateFilter): Promise<RateRow[]> {
  const { rows } = await database.query<Raw>(
    `select ${columns} from exchange_rates
     where ($1::uuid is null or id < $1) and ($2::text is null or base = $2)
       and ($3::text is null or quote = $3) and ($4::text is null or source = $4)
     order by id desc limit $5`,
    [
      filter.startingAfter ?? null,
      filter.base ?? null,
      filter.quote ?? null,
      filter.source ?? null,
      filter.limit + 1,
    ],
  );
  return rows.map(fromRow);
}

function fromRow(row: Raw): RateRow {
  const { spread_percent, observed_at, recorded_at, recorded_by, ...rest } = row;
  return {
    ...rest,
    spreadPercent: spread_percent,
    observedAt: observed_at,
    recordedAt: recorded_at,
    recordedBy: recorded_by,
  };
}
