import { startTestApi, type TestApi, type TestMerchant } from '../../support/api';

let api: TestApi;
let merchant: TestMerchant;
let channelConfigId: string;

beforeAll(async () => {
  api = await startTestApi();
  merchant = await api.addMerchant();
  channelConfigId = await api.addChannel();
});
afterAll(() => api.stop());

const asOperator = (method: string, path: string, body?: unknown) =>
  api.call(method, `/api/v1${path}`, { key: api.operatorKey, body });

const standard = { tiers: [{ percent: '2.9', fixed: '0.30' }], refundable: 'percentage' };
const base = {
  name: 'Standard',
  payer: 'merchant',
  transactionType: 'payment',
  currency: 'USD',
  terms: standard,
};

const calculate = (key: string, over: Record<string, string> = {}) => {
  const query = new URLSearchParams({ amount: '100.00', currency: 'USD', channelConfigId, ...over });
  return api.call('GET', `/api/v1/fees/calculate?${query.toString()}`, { key });
};

test('a plan is made, given a new version, and decides what a payment costs', async () => {
  const made = await asOperator('POST', '/admin/fee-plans', base);
  expect([made.status, made.body]).toMatchObject([201, { object: 'fee_plan', version: 1, isEnabled: true }]);
  const { id } = made.body as { id: string };

  expect((await asOperator('POST', '/admin/fee-plans', base)).status).toBe(409);

  expect((await calculate(merchant.testKey)).body).toMatchObject({
    fee: {
      planId: id,
      planVersion: 1,
      amount: '3.20',
      steps: [
        { step: 'percentage', percent: '2.9', amount: '2.90' },
        { step: 'fixed', amount: '0.30' },
      ],
    },
    net: '96.80',
  });

  const cheaper = { version: 1, terms: { tiers: [{ percent: '1' }] } };
  expect((await asOperator('PUT', `/admin/fee-plans/${id}`, cheaper)).body).toMatchObject({ version: 2 });
  expect((await asOperator('PUT', `/admin/fee-plans/${id}`, cheaper)).status).toBe(409);
  expect((await calculate(merchant.testKey)).body).toMatchObject({ fee: { planVersion: 2, amount: '1.00' } });

  const later = { ...cheaper, version: 2, effectiveFrom: new Date(Date.now() + 3_600_000).toISOString() };
  await asOperator('PUT', `/admin/fee-plans/${id}`, { ...later, terms: { tiers: [{ percent: '50' }] } });
  expect((await calculate(merchant.testKey)).body).toMatchObject({ fee: { planVersion: 2 } });

  const versions = await asOperator('GET', `/admin/fee-plans/${id}/versions`);
  expect((versions.body as { data: { version: number }[] }).data.map(({ version }) => version)).toEqual([
    3, 2, 1,
  ]);
});

test('a merchant sees its fee and not what the channel costs us; the particular plan holds', async () => {
  await asOperator('POST', '/admin/fee-plans', { ...base, payer: 'platform', channelConfigId });
  await asOperator('POST', '/admin/fee-plans', {
    ...base,
    merchantId: merchant.publicId,
    terms: { tiers: [{ percent: '0.5' }] },
  });
  const seen = (await calculate(merchant.testKey)).body;
  expect(seen).toMatchObject({ fee: { amount: '0.50' } });
  expect(seen).not.toHaveProperty('channelCost');
  expect(
    (await calculate(api.operatorKey, { merchantId: merchant.publicId, mode: 'test' })).body,
  ).toMatchObject({
    fee: { amount: '0.50' },
    channelCost: { amount: '3.20' },
  });
  const other = await api.addMerchant('Other');
  expect((await calculate(other.testKey, { merchantId: merchant.publicId })).status).toBe(404);
});

test.each([
  [{ terms: { tiers: [{ percent: '101' }] } }, 'terms.tiers.0.percent'],
  [{ terms: { tiers: [{ fixed: '0.305' }] } }, 'terms.tiers.0.fixed'],
  [{ currency: 'XYZ' }, 'currency'],
  [{ effectiveFrom: '2020-01-01T00:00:00Z' }, 'effectiveFrom'],
  [{ merchantId: `mer_${'0'.repeat(32)}` }, 'merchantId'],
])('a plan with %j is refused at %s', async (over, param) => {
  const reply = await asOperator('POST', '/admin/fee-plans', { ...base, transactionType: 'refund', ...over });
  expect([reply.status, reply.body]).toMatchObject([400, { error: { param } }]);
});

test('plans are for operators', async () => {
  const reply = await api.call('GET', '/api/v1/admin/fee-plans', { key: merchant.testKey });
  expect(reply.status).toBe(403);
});
