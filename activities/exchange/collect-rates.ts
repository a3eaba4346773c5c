import type { RateSource } from '../../domain/exchange/rate-source';
import type { Database } from '../../db/pool';
import { addRates, type NewRate } from '../../db/stores/exchange-rates-store';
import { findRatesToldOtherwise } from '../../db/stores/rate-imports';
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

export type CollectRates = (source: RateSource, withinMs?: number) => Promise<RatesCollected>;

/** By hand a source is asked alone. */
const aloneMs = 60_000;

/** Fetches what one source tells and writes down what is new; what went wrong is noted with the source. */
export function createCollectRates(deps: CollectRatesDeps): CollectRates {
  async function collect(source: RateSource, withinMs: number): Promise<RatesCollected> {
    const fetched = await deps.fetchRates(source, deps.newId(), withinMs);
    const rates = fetched.rates.map((rate) => ({
      ...{ ...rate, id: deps.newId(), source: source.name, recordedBy: `source ${source.name}` },
    }));
    const added = rates.length === 0 ? 0 : (await addRates(deps.database, rates)).size;
    const corrected = added === rates.length ? [] : await correctionsAmong(rates);
    const problems = [...fetched.problems, ...corrected];
    await noteFetch(deps.database, source.id, problems.length === 0 ? undefined : problems.join('; '));
    if (problems.length > 0) {
      deps.log.error(
        { source: source.name, problems },
        'a source of exchange rates does not tell all of them',
      );
    }
    return { added, problems };
  }

  /** What was told first stays; another spread is the operator's doing, and holds from the next moment. */
  async function correctionsAmong(rates: readonly NewRate[]): Promise<string[]> {
    const others = await findRatesToldOtherwise(deps.database, rates);
    const knownRates = new Map(others.map(({ id, knownRate }) => [id, knownRate]));
    return rates.flatMap(({ id, base, quote, rate, observedAt }) => {
      const known = knownRates.get(id) ?? undefined;
      if (known === undefined) return [];
      return `${base}/${quote}: told ${rate} for ${observedAt.toISOString()}, of which it told ${known} before`;
    });
  }

  return async function collectRates(source, withinMs = aloneMs) {
    try {
      return await collect(source, withinMs);
    } catch (error) {
      // Nobody foresaw it. Else the source would go on showing how it was before.
      await noteFetch(deps.database, source.id, `none of its rates was taken: ${String(error)}`);
      throw error;
    }
  };
}

const askedAtOnce = 10;
/** All of them together: well within the time that a sweep has (workflows/sweep.ts). */
const sweepMs = 90_000;

/** Some at a time, each for its share of the time; what becomes of one is nothing to the others. */
export function createSweepRates(deps: { database: Database; collectRates: CollectRates; log: Log }) {
  return async function sweepRates(): Promise<{
    ratesAdded: number;
    ratesMissing: number;
    sourcesFailed: number;
  }> {
    const left = await listRateSources(deps.database, { isEnabled: true });
    const shareMs = Math.floor(sweepMs / Math.max(Math.ceil(left.length / askedAtOnce), 1));
    const count = { ratesAdded: 0, ratesMissing: 0, sourcesFailed: 0 };

    async function collectNext(source: RateSource): Promise<void> {
      try {
        const { added, problems } = await deps.collectRates(source, shareMs);
        count.ratesAdded += added;
        count.ratesMissing += problems.length;
      } catch (error) {
        count.sourcesFailed += 1;
        deps.log.error({ err: error, source: source.name }, 'a source of exchange rates could not be taken');
      }
    }

    await Promise.all(
      Array.from({ length: askedAtOnce }, async () => {
        for (let source = left.shift(); source !== undefined; source = left.shift())
          await collectNext(source);
      }),
    );
    return count;
  };
}
