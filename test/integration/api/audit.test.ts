import { spawn } from 'node:child_process';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { invariantNames, nameOfPlace } from '../../../db/read-models/invariants';
import { startTestApi, type TestApi } from '../../support/api';
import { bookSoundly } from '../../support/sound-books';

interface Audit {
  isSound: boolean;
  checks: { name: string; checked: number; isComplete: boolean; next: string | null }[];
}

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
  await bookSoundly(api.database);
});
afterAll(() => api?.stop());

const ask = (query = '') =>
  api.call('GET', `/api/v1/admin/audit/invariants${query}`, { key: api.operatorKey });

it('looks at every promise, or at the one that is asked for', async () => {
  const all = (await ask()).body as Audit;
  expect(all).toMatchObject({ isSound: true });
  expect(all.checks.map(({ name }) => name)).toEqual(invariantNames);
  const { checks } = (await ask('?check=journals_balance&secondsMax=1')).body as Audit;
  expect(checks).toMatchObject([{ name: 'journals_balance', checked: 3, isComplete: true, next: null }]);
});

it('refuses a place that it never named, and one that is not said of what', async () => {
  const refused = await ask('?check=journals_balance&after=nonsense');
  expect([refused.status, refused.body]).toMatchObject([400, { error: { param: 'after' } }]);
  const unsaid = await ask('?after=WzAsbnVsbF0');
  expect([unsaid.status, unsaid.body]).toMatchObject([400, { error: { param: 'check' } }]);
});

it('never calls the rest of a look sound: the asker alone knows what came before', async () => {
  const after = nameOfPlace('journals_balance', { part: 0 });
  const goneOn = (await ask(`?check=journals_balance&after=${after}`)).body as Audit;
  expect(goneOn).toMatchObject({ isSound: false, checks: [{ checked: 3, isComplete: true }] });
});

function command(...given: string[]): Promise<{ code: number | null; out: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [
      '--require',
      require.resolve('tsx/cjs'),
      'dev/audit.ts',
      ...given,
    ]);
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (out += String(text)));
    child.on('close', (code) => resolve({ code, out }));
  });
}

it('is asked by npm run audit of any platform whose address and key are given', async () => {
  const found = await command('--api', api.url, '--key', api.operatorKey);
  expect(found.out).toMatch(/^journals_balance +holds +3 checked/);
  expect(found.out).toContain('Every promise holds: all rows of each, looked at from ');
  expect(found.code).toBe(0);
  expect((await command('--api', api.url, '--key', 'dp_nobody')).code).toBe(2);
});

it('says whom it could not ask, and why', async () => {
  const { code, out } = await command('--api', 'http://127.0.0.1:4', '--key', 'x');
  expect(code).toBe(2);
  expect(out).toBe(
    "http://127.0.0.1:4/api/v1 can't be reached: fetch failed (connect ECONNREFUSED 127.0.0.1:4). See that the platform runs there and the address is right.\n",
  );
});

/** A platform that says what it is told to, of the check and of how often it was asked so far. */
async function platform(answer: (check: string, asked: number, response: ServerResponse) => void) {
  let asked = 0;
  const server = createServer(({ url }, response) => {
    answer(new URL(url ?? '', 'http://x').searchParams.get('check') ?? '', asked++, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    return { ...(await command('--api', `http://127.0.0.1:${port}`, '--key', 'x')), asked };
  } finally {
    server.close();
  }
}

const found = (response: ServerResponse, name: string, over: object = {}) => {
  const look = { name, promise: 'so it is', checked: 7, broken: 0, offenders: [], note: null, tookMs: 1 };
  const checks = [{ ...look, isComplete: true, next: null, ...over }];
  response.end(JSON.stringify({ object: 'audit', checks }));
};
const comeAgain = (response: ServerResponse) => response.writeHead(503, { 'retry-after': '0' }).end('{}');

it('asks again where the platform was busy', async () => {
  const { code, out, asked } = await platform((check, asked, response) =>
    asked % 2 === 0 ? comeAgain(response) : found(response, check),
  );
  expect({ code, asked }).toEqual({ code: 0, asked: 2 * invariantNames.length });
  expect(out).toContain('answered 503, asking again in 0 s');
  expect(out).toContain('Every promise holds');
});

it('tells what it found broken, though it could not come to the end', async () => {
  const { code, out, asked } = await platform((check, asked, response) =>
    asked > 0
      ? comeAgain(response)
      : found(response, check, {
          ...{ broken: 1, offenders: ['pay_x sums to 1 USD'], isComplete: false, next: 'there' },
        }),
  );
  expect({ code, asked }).toEqual({ code: 1, asked: 7 });
  expect(out).toMatch(/^journals_balance +BROKEN by 1 +7 checked.*\n {4}pay_x sums to 1 USD$/m);
  expect(out).toContain('was answered 503');
  expect(out).toMatch(
    /Promises are BROKEN \(looked at .*\nIt came no further than journals_balance, with 0 of \d+ checks done before it: there may be more\.$/m,
  );
});

it('says how far it came where it found nothing broken until there', async () => {
  const { code, out } = await platform((check, asked, response) =>
    asked < 2 ? found(response, check) : response.writeHead(500).end('{}'),
  );
  expect(code).toBe(2);
  expect(out).toContain('was answered 500');
  expect(out).toContain(
    `It came no further than ${invariantNames[2]}, with 2 of ${invariantNames.length} checks done before it, and found nothing broken`,
  );
});
