import type { Database } from '../pool';
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
      const { rows } = await transaction.query<{ id: string }>(
        `select g.id from unnest($1::uuid[], $2::text[], $3::text[], $4::numeric[], $5::numeric[], $6::text[],
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
      if (rows.length > 0) throw new Conflicts(new Set(rows.map(({ id }) => id)));
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
