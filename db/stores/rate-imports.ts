import type { Database, Queryable } from '../pool';
import { inTransaction } from '../transaction';
import { addRates, type NewRate } from './exchange-rates-store';

export interface RatesImported {
  added: number;
  /** Of which the source has told another rate before: then nothing was written. */
  conflicts: NewRate[];
}

/** All of them or none, whatever comes at the same time. */
export async function importRates(database: Database, rates: readonly NewRate[]): Promise<RatesImported> {
  try {
    return await inTransaction(database, async (transaction) => {
      const { size: added } = await addRates(transaction, rates);
      if (added === rates.length) return { added, conflicts: [] };
      const others = await findRatesToldOtherwise(transaction, rates);
      if (others.length > 0) throw new Conflicts(new Set(others.map(({ id }) => id)));
      return { added, conflicts: [] };
    });
  } catch (error) {
    if (!(error instanceof Conflicts)) throw error;
    return { added: 0, conflicts: rates.filter(({ id }) => error.ids.has(id)) };
  }
}

/** Thrown so that the transaction is rolled back. */
class Conflicts extends Error {
  constructor(readonly ids: ReadonlySet<string>) {
    super('Rates say something else than those that are known.');
  }
}

export interface RateToldOtherwise {
  /** Of the rate that is not written down. */
  id: string;
  /** The one that is; null where only the spread is another. */
  knownRate: string | null;
}

/** Which of these are not what the same source has told before, of the same pair and moment. */
export async function findRatesToldOtherwise(
  database: Queryable,
  rates: readonly NewRate[],
): Promise<RateToldOtherwise[]> {
  const { rows } = await database.query<RateToldOtherwise>(
    `select g.id, trim_scale(nullif(r.rate, g.rate))::text as "knownRate"
     from unnest($1::uuid[], $2::text[], $3::text[], $4::numeric[], $5::numeric[], $6::text[],
       $7::timestamptz[]) as g (id, base, quote, rate, spread_percent, source, observed_at)
     join exchange_rates r using (source, base, quote, observed_at)
     where (r.rate, r.spread_percent) is distinct from (g.rate, g.spread_percent)`,
    [
      rates.map(({ id }) => id),
      rates.map(({ base }) => base),
      rates.map(({ quote }) => quote),
      rates.map(({ rate }) => rate),
      rates.map(({ spreadPercent }) => spreadPercent),
      rates.map(({ source }) => source),
      rates.map(({ observedAt }) => observedAt.toISOString()),
    ],
  );
  return rows;
}
