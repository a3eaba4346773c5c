import type { RateSource } from '../../domain/exchange/rate-source';
import type { Database } from '../../db/pool';
import { addRates } from '../../db/stores/exchange-rates-store';
import { listRateSources, noteFetch } from '../../db/stores/rate-sources-store';
import type { FetchRates } from '../../integrations/exchange/fetch-rates';
import type { Log } from '../../telemetry/log';

export interface CollectRatesDeps {
  database: Database;
  fetchRates: FetchRates;
  newId(): string;
  log: Log;
}

export interface RatesCollected {
  added: number;
  problems: string[];
}

export type CollectRates = (source: RateSource) => Promise<RatesCollected>;

/** Fetches what one source tells and writes down what is new; what went wrong is noted with the source. */
export function createCollectRates(deps: CollectRatesDeps): CollectRates {
  return async function collectRates(source) {
    const { rates, problems } = await deps.fetchRates(source, deps.newId());
    const rows = rates.map((rate) => ({
      ...{ ...rate, id: deps.newId(), source: source.name, recordedBy: `source ${source.name}` },
    }));
    const added = rows.length === 0 ? 0 : (await addRates(deps.database, rows)).size;
    await noteFetch(deps.database, source.id, problems.length === 0 ? undefined : problems.join('; '));
    if (problems.length > 0) {
      deps.log.error(
        { source: source.name, problems },
        'a source of exchange rates does not tell all of them',
      );
    }
    return { added, problems };
  };
}

/** One source after the other: the next sweep comes anyway. */
export function createSweepRates({
  database,
  collectRates,
}: {
  database: Database;
  collectRates: CollectRates;
}) {
  return async function sweepRates(): Promise<{ ratesAdded: number; ratesMissing: number }> {
    const count = { ratesAdded: 0, ratesMissing: 0 };
    for (const source of await listRateSources(database, { isEnabled: true })) {
      const { added, problems } = await collectRates(source);
      count.ratesAdded += added;
      count.ratesMissing += problems.length;
    }
    return count;
  };
}
