import { parsePublicId } from '../../../domain/ids';
import { startTestApi, type Reply, type TestApi, type TestMerchant } from '../../support/api';

interface Merchant {
  id: string;
  status: string;
  updatedAt: string;
  lastStatusChange: { reason: string; by: string; at: string } | null;
}

let api: TestApi;
let merchant: TestMerchant;
beforeAll(async () => {
  api = await startTestApi({ startPayment: () => Promise.resolve({ kind: 'unknown' }) });
  await api.addChannel();
});
afterAll(() => api.stop());
beforeEach(async () => {
  merchant = await api.addMerchant();
});

const ask = (verb: string, body: unknown, headers?: Record<string, string>, id = merchant.publicId) =>
  api.call('POST', `/api/v1/admin/merchants/${id}/${verb}`, { key: api.operatorKey, body, headers });
const merchantOf = ({ status, body }: Reply): Merchant => {
  expect(status).toBe(200);
  return body as Merchant;
};
const read = async (key = api.operatorKey) =>
  merchantOf(await api.call('GET', `/api/v1/merchants/${merchant.publicId}`, { key }));
const changes = async () =>
  (
    await api.database.query<{ status: string; reason: string }>(
      'select status, reason from merchant_status_changes where merchant_id = $1 order by no',
      [merchant.id],
    )
  ).rows;

it('says that it is suspended, since when, by whom and why, to operators and to itself', async () => {
  expect(await read()).toMatchObject({ status: 'active', lastStatusChange: null });
  const before = Date.now();
  const suspended = merchantOf(await ask('suspend', { reason: '  Too many disputes. ' }));
  expect(suspended).toMatchObject({
    status: 'suspended',
    lastStatusChange: { reason: 'Too many disputes.' },
  });
  const { by, at } = suspended.lastStatusChange ?? { by: '', at: '' };
  const { rows } = await api.database.query<{ id: string }>(`select id from api_keys where role = 'admin'`);
  expect(parsePublicId('apiKey', by)).toBe(rows[0]?.id);
  expect(Math.abs(Date.parse(at) - before)).toBeLessThan(60_000);
  expect(await read()).toEqual(suspended);
  expect(await read(merchant.testKey)).toEqual(suspended);

  const resumed = merchantOf(await ask('resume', { reason: 'They were settled.' }));
  expect(resumed).toMatchObject({ status: 'active', lastStatusChange: { reason: 'They were settled.' } });
  expect(await changes()).toEqual([
    { status: 'suspended', reason: 'Too many disputes.' },
    { status: 'active', reason: 'They were settled.' },
  ]);
});

it('is found in the list by its status', async () => {
  const suspended = merchantOf(await ask('suspend', { reason: 'Gone.' }));
  const listed = async (status: string) => {
    const path = `/api/v1/admin/merchants?limit=100&status=${status}`;
    const { body } = await api.call('GET', path, { key: api.operatorKey });
    return (body as { data: Merchant[] }).data.filter(({ id }) => id === merchant.publicId);
  };
  expect(await listed('suspended')).toEqual([suspended]);
  expect(await listed('active')).toEqual([]);
});

it('repeated it changes nothing: the first reason stays', async () => {
  expect(merchantOf(await ask('resume', { reason: 'It never was.' })).lastStatusChange).toBeNull();
  const first = merchantOf(await ask('suspend', { reason: 'First.' }));
  expect(merchantOf(await ask('suspend', { reason: 'Second.' }))).toEqual(first);
  merchantOf(await ask('resume', { reason: 'Settled.' }));
  merchantOf(await ask('resume', { reason: 'Settled again.' }));
  expect(await changes()).toEqual([
    { status: 'suspended', reason: 'First.' },
    { status: 'active', reason: 'Settled.' },
  ]);
});

it('of many who suspend and resume at once each change follows from the one before', async () => {
  const replies = await Promise.all(
    Array.from({ length: 12 }, (_, n) => ask(n % 2 === 0 ? 'suspend' : 'resume', { reason: `Number ${n}.` })),
  );
  expect(replies.map(({ status }) => status)).toEqual(Array(12).fill(200));
  const kept = await changes();
  kept.forEach(({ status }, index) => expect(status).toBe(index % 2 === 0 ? 'suspended' : 'active'));
  expect(await read()).toMatchObject({
    status: kept.at(-1)?.status,
    lastStatusChange: { reason: kept.at(-1)?.reason },
  });
});

it('with one Idempotency-Key it is one request, whatever came in between', async () => {
  const headers = { 'idempotency-key': `suspend-${merchant.id}` };
  const first = await ask('suspend', { reason: 'Once.' }, headers);
  await ask('resume', { reason: 'Settled.' });
  const again = await ask('suspend', { reason: 'Once.' }, headers);
  expect([again.text, again.headers.get('idempotent-replayed')]).toEqual([first.text, 'true']);
  expect((await read()).status).toBe('active');
});

it.each([
  [{}, 'parameter_missing', 'reason'],
  [{ reason: '' }, 'parameter_invalid', 'reason'],
  [{ reason: '   ' }, 'parameter_invalid', 'reason'],
  [{ reason: 'x'.repeat(501) }, 'parameter_invalid', 'reason'],
  [{ reason: 7 }, 'parameter_invalid', 'reason'],
  [{ reason: 'x', until: 'tomorrow' }, 'parameter_unknown', 'until'],
])('%j is refused, and changes nothing', async (body, code, param) => {
  for (const verb of ['suspend', 'resume']) {
    const reply = await ask(verb, body);
    expect([reply.status, reply.body]).toMatchObject([400, { error: { code, param } }]);
  }
  expect(await changes()).toEqual([]);
});

it('nobody is suspended who is not there', async () => {
  for (const id of [`mer_${'0'.repeat(32)}`, 'mer_1', 'x']) {
    const reply = await ask('suspend', { reason: 'Gone.' }, {}, id);
    expect([reply.status, reply.body]).toMatchObject([404, { error: { code: 'not_found' } }]);
  }
});

it('a start that a remembered key let in is refused by the merchant itself, and goes through once it is resumed', async () => {
  const configured = await api.call('PUT', `/api/v1/merchants/${merchant.publicId}/payment-config`, {
    key: merchant.testKey,
    body: { currencies: ['USD'], channels: ['kpay'] },
  });
  expect(configured.status).toBe(200);
  const start = () =>
    api.call('POST', '/api/v1/payments', {
      key: merchant.testKey,
      body: { orderId: 'tea-1', amount: '1.00' },
      headers: { 'idempotency-key': `start-${merchant.id}` },
    });
  const codeOf = ({ body }: Reply) => (body as { error?: { code: string } }).error?.code;
  // Behind the back of the API, so that it takes place within the second that its key is remembered for.
  const now = (status: string) =>
    api.database.query('update merchants set status = $2 where id = $1', [merchant.id, status]);
  await now('suspended');
  const refused = await start();
  expect([refused.status, codeOf(refused)]).toEqual([403, 'merchant_suspended']);
  await now('active');
  await new Promise((resolve) => setTimeout(resolve, 1_050));
  expect(codeOf(await start())).toBe('outcome_unknown');
});
