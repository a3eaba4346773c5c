import { startRatesSandbox, type RatesSandbox } from '../../dev/sandboxes/rates/sandbox';
import { startPlatform, type Platform } from '../support/platform';
import type { Reply } from '../support/api';
import { until } from '../support/until';

let platform: Platform;
let market: RatesSandbox;
beforeAll(async () => {
  market = await startRatesSandbox();
  platform = await startPlatform({
    settings: {
      EXCHANGE_PRIVATE_RANGES_ALLOWED: '127.0.0.1/32',
      CHANNEL_FAST_TIMEOUT_MS: '400',
      CHANNEL_TIMEOUT_MS: '900',
    },
  });
});
afterAll(async () => {
  await platform?.close();
  await market?.close();
});
afterEach(() => {
  market.answer = undefined;
});

const operate = (method: string, path: string, body?: unknown): Promise<Reply> =>
  platform.call(method, `/api/v1/admin/exchange/${path}`, { key: platform.operatorKey, body });
let named = 0;
const source = (over: Record<string, unknown> = {}) => ({
  name: `market-${(named += 1)}`,
  url: `${market.url}/v1/latest?base={base}`,
  pairs: [
    { base: 'USD', quote: 'TWD', path: '$.rates.TWD' },
    { base: 'USD', quote: 'BTC', path: "rates['BTC']" },
  ],
  spreadPercent: '0.5',
  ...over,
});

async function added(
  over: Record<string, unknown> = {},
): Promise<{ id: string; name: string; version: number }> {
  const reply = await operate('POST', 'sources', source(over));
  expect(reply.status).toBe(201);
  return reply.body as { id: string; name: string; version: number };
}

async function fetched(
  over: Record<string, unknown> = {},
): Promise<{ added: number; problems: string[]; name: string }> {
  const { id, name } = await added(over);
  const reply = await operate('POST', `sources/${id}/fetch`);
  expect(reply.status).toBe(200);
  return { ...(reply.body as { added: number; problems: string[] }), name };
}

async function ratesOf(name: string): Promise<string[]> {
  const { body } = await operate('GET', `rates?source=${name}`);
  return (body as { data: { rate: string; base: string; quote: string }[] }).data
    .map(({ base, quote, rate }) => `${base}/${quote} ${rate}`)
    .sort();
}

it('rates are fetched by hand, digit for digit, and quotes are made of them', async () => {
  market.rates.set('TWD', '31.472500000000000001');
  const { name, ...how } = await fetched();
  expect(how).toMatchObject({ added: 2, problems: [] });
  expect(await ratesOf(name)).toEqual(['USD/BTC 0.0000104', 'USD/TWD 31.472500000000000001']);
  const quote = await platform.call('POST', '/api/v1/exchange/quotes', {
    key: platform.merchant.apiKey,
    body: { amount: '100.00', currency: 'USD', settleCurrency: 'TWD' },
  });
  expect(quote.body).toMatchObject({ source: name, spreadPercent: '0.5', settleAmount: '3131' });
  market.rates.set('TWD', '31.4725');
});

it('and by the sweep; a moment that was told before is not written again', async () => {
  const { id, name } = await added({ observedAtPath: '$.timestamp' });
  market.answer = {
    status: 200,
    body: `{"timestamp":${Math.floor(Date.now() / 1_000)},"rates":{"TWD":32,"BTC":1}}`,
  };
  await platform.sweep('rates');
  await until('the rates are there', async () => (await ratesOf(name)).length === 2);
  expect((await operate('POST', `sources/${id}/fetch`)).body).toMatchObject({ added: 0, problems: [] });
  expect(await ratesOf(name)).toHaveLength(2);
});

it.each([
  ['a rate that is not there', { rates: { BTC: '1' } }, /USD\/TWD: there is no rate at \$\.rates\.TWD/],
  ['a rate of nothing', { rates: { BTC: 1, TWD: 0 } }, /USD\/TWD: rate wants/],
  ['a rate that is no number', { rates: { BTC: 1, TWD: { mid: 31 } } }, /USD\/TWD: there is no rate/],
])('%s is named, and the others are taken', async (_what, answer, problem) => {
  market.answer = { status: 200, body: JSON.stringify(answer) };
  const { added: count, problems, name } = await fetched();
  expect([count, problems.length]).toEqual([1, 1]);
  expect(problems[0]).toMatch(problem);
  const { body } = await operate('GET', 'sources');
  const row = (body as { data: { name: string; problem: string }[] }).data.find((one) => one.name === name);
  expect(row?.problem).toBe(problems[0]);
});

it.each([
  ['an answer that is no JSON', { status: 200, body: '<html>' }, 'answer_unreadable'],
  ['an answer with a key twice', { status: 200, body: '{"rates":{"TWD":31,"TWD":32}}' }, 'answer_unreadable'],
  ['a failure', { status: 500, body: '{}' }, 'provider_error'],
  ['an answer without end', { status: 200, body: ' '.repeat(1_100_000) }, 'answer_too_large'],
])('%s brings no rates', async (_what, answer, code) => {
  market.answer = answer;
  const how = await fetched();
  expect([how.added, how.problems.length]).toEqual([0, 1]);
  expect(how.problems[0]).toContain(code);
});

it('an address of our own network is not connected to', async () => {
  const how = await fetched({ url: `http://127.0.0.2:${new URL(market.url).port}/v1/latest?base=USD` });
  expect([how.added, how.problems.length]).toEqual([0, 1]);
  expect(how.problems[0]).toContain('Requests for rates may not go to 127.0.0.2.');
});

it.each([
  ['url', { url: 'ftp://rates.example' }],
  ['url', { url: 'https://user:secret@rates.example' }],
  ['name', { name: 'manual' }],
  ['pairs[0].path', { pairs: [{ base: 'USD', quote: 'TWD', path: 'rates..TWD' }] }],
  ['pairs[0]', { pairs: [{ base: 'USD', quote: 'USD', path: 'TWD' }] }],
  ['pairs[0].base', { pairs: [{ base: 'XXX', quote: 'USD', path: 'TWD' }] }],
  ['spreadPercent', { spreadPercent: '99' }],
  ['pairs', { pairs: [] }],
])('a source is refused for its %s', async (param, over) => {
  const reply = await operate('POST', 'sources', source(over));
  expect([reply.status, (reply.body as { error: { param: string } }).error.param]).toEqual([400, param]);
});

it('a source is changed by version, keeps its name, and one that is switched off is not swept', async () => {
  const { id, name, version } = await added();
  const { name: _name, ...rest } = source({ isEnabled: false });
  const changed = await operate('PUT', `sources/${id}`, { ...rest, version });
  expect([changed.status, changed.body]).toMatchObject([200, { name, isEnabled: false, version: 2 }]);
  const late = await operate('PUT', `sources/${id}`, { ...rest, version });
  expect([late.status, late.body]).toMatchObject([409, { error: { code: 'version_conflict' } }]);
  const beyond = await operate('PUT', `sources/${id}`, { ...rest, version: 2 ** 31 });
  expect([beyond.status, beyond.body]).toMatchObject([400, { error: { param: 'version' } }]);
  const again = await operate('POST', 'sources', source({ name }));
  expect([again.status, again.body]).toMatchObject([409, { error: { code: 'already_exists' } }]);
});
