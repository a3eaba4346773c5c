import { createCollectRates, createSweepRates } from '../../../activities/exchange/collect-rates';
import { newId } from '../../../db/ids';
import { createPool, type Database } from '../../../db/pool';
import { listRates } from '../../../db/stores/exchange-rates-store';
import { addRateSource, listRateSources } from '../../../db/stores/rate-sources-store';
import type { CheckedRate } from '../../../domain/exchange/check-rate';
import type { FetchRates } from '../../../integrations/exchange/fetch-rates';
import { createLog } from '../../../telemetry/log';
import { freshDatabase, type FreshDatabase } from '../../support/database';

let fresh: FreshDatabase;
let database: Database;
beforeEach(async () => {
  fresh = await freshDatabase();
  database = createPool({ url: fresh.url, size: 2, statementTimeoutMs: 5_000, name: 'rates' });
});
afterEach(async () => {
  await database.end();
  await fresh.drop();
});

const log = createLog({ level: 'silent', process: 'test' });
const told = (observedAt: Date): CheckedRate => {
  return { base: 'USD', quote: 'TWD', rate: '31.5', spreadPercent: '0', observedAt };
};

async function add(names: readonly string[]): Promise<void> {
  const pairs = [{ base: 'USD', quote: 'TWD', path: '$.twd' }];
  for (const name of names) {
    const content = { name, url: 'https://rates.example', pairs, spreadPercent: '0', isEnabled: true };
    await addRateSource(database, newId(), { ...content, changedBy: newId() });
  }
}

function collecting(fetchRates: FetchRates) {
  const collectRates = createCollectRates({ database, fetchRates, newId, log });
  return { collectRates, sweepRates: createSweepRates({ database, collectRates, log }) };
}

async function noted(): Promise<Record<string, string | undefined>> {
  const sources = await listRateSources(database);
  return Object.fromEntries(sources.map(({ name, fetchProblem }) => [name, fetchProblem]));
}

it('a source that nothing can be made of stops none after it, and says why', async () => {
  await add(['before', 'unwritable', 'broken', 'after']);
  // Whatever the check of a rate may one day let through.
  const { sweepRates, collectRates } = collecting(({ name }) => {
    if (name === 'broken') return Promise.reject(new Error('out of order'));
    const at = name === 'unwritable' ? new Date('0000-01-01T00:00:00Z') : new Date();
    return Promise.resolve({ rates: [told(at)], problems: [] });
  });
  expect(await sweepRates()).toEqual({ ratesAdded: 2, ratesMissing: 0, sourcesFailed: 2 });
  expect(await noted()).toEqual({
    before: undefined,
    unwritable: expect.stringContaining('out of range') as string,
    broken: 'none of its rates was taken: Error: out of order',
    after: undefined,
  });
  const broken = (await listRateSources(database)).find(({ name }) => name === 'broken')!;
  await expect(collectRates(broken)).rejects.toThrow('out of order');
});

it('a source that corrects what it told of a moment is named with it, and what it told first stays', async () => {
  await add(['market']);
  const [market] = await listRateSources(database);
  const observedAt = new Date(Date.now() - 60_000);
  const answering = (rate: string, spreadPercent = '0') =>
    collecting(() =>
      Promise.resolve({ rates: [{ ...told(observedAt), rate, spreadPercent }], problems: ['EUR: no rate'] }),
    ).collectRates(market!);

  expect(await answering('31.1')).toEqual({ added: 1, problems: ['EUR: no rate'] });
  // What the platform keeps is the operator's to change: the source has told nothing else.
  expect(await answering('31.10', '1')).toEqual({ added: 0, problems: ['EUR: no rate'] });
  const contradiction = `USD/TWD: told 99.9 for ${observedAt.toISOString()}, of which it told 31.1 before`;
  expect(await answering('99.9')).toEqual({ added: 0, problems: ['EUR: no rate', contradiction] });
  expect(await noted()).toEqual({ market: `EUR: no rate; ${contradiction}` });
  expect((await listRates(database, { limit: 9 })).map(({ rate }) => rate)).toEqual(['31.1']);
});

it.each([
  ['few are asked together and have all the time', 3, 90_000],
  ['many have their share of it', 21, 30_000],
])('%s; no more than ten are asked at once', async (_what, count, shareMs) => {
  await add(Array.from({ length: count }, (_none, at) => `source-${at}`));
  const shares: number[] = [];
  let [running, most] = [0, 0];
  let goOn = () => undefined as void;
  const allHaveBegun = new Promise<void>((resolve) => (goOn = resolve));
  const { sweepRates } = collecting(async (_source, _id, withinMs) => {
    shares.push(withinMs);
    running += 1;
    most = Math.max(most, running);
    // The first of them wait for each other: asked one by one they would wait for ever.
    if (running === Math.min(count, 10)) goOn();
    await allHaveBegun;
    running -= 1;
    return { rates: [], problems: [] };
  });
  expect(await sweepRates()).toEqual({ ratesAdded: 0, ratesMissing: 0, sourcesFailed: 0 });
  expect(shares).toEqual(Array(count).fill(shareMs));
  expect(most).toBe(Math.min(count, 10));
});
