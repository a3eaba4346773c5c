import { loadFeePlansInEffect } from '../../../db/stores/fee-plans-store';
import { publicId } from '../../../domain/ids';
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

test('a version that is scheduled begins when it said, whatever was added since', async () => {
  const plan = { ...base, currency: 'TWD', terms: { tiers: [{ percent: '1' }] } };
  const { id } = (await asOperator('POST', '/admin/fee-plans', plan)).body as { id: string };
  const put = async (version: number, percent: string, effectiveFrom?: Date) =>
    expect(
      await asOperator('PUT', `/admin/fee-plans/${id}`, {
        ...{ version, terms: { tiers: [{ percent }] }, effectiveFrom: effectiveFrom?.toISOString() },
      }),
    ).toMatchObject({ status: 200, body: { createdBy: expect.stringMatching(/^key_/) as string } });
  const later = new Date(Date.now() + 3_600_000);
  await put(1, '2', later);
  await put(2, '3');
  expect((await asOperator('GET', `/admin/fee-plans/${id}`)).body).toMatchObject({
    ...{ version: 3, currentVersion: 3 },
    next: { version: 2, effectiveFrom: later.toISOString() },
  });
  const versionAt = async (at: Date) => {
    const wanted = { merchantId: merchant.id, currencies: ['TWD'], channelConfigIds: [] };
    return (await loadFeePlansInEffect(api.database, wanted, at)).map(({ version }) => version);
  };
  expect(await versionAt(new Date())).toEqual([3]);
  expect(await versionAt(later)).toEqual([2]);
  await put(3, '4', later);
  expect(await versionAt(later)).toEqual([4]);
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

test('what is shown is what is booked: no payment costs more than it is', async () => {
  const terms = { tiers: [{ percent: '2.9', fixed: '0.30' }], minimum: '5.00' };
  const { id } = await api.addMerchant('Of small payments');
  const merchantId = publicId('merchant', id);
  await asOperator('POST', '/admin/fee-plans', { ...base, merchantId, terms });
  await asOperator('POST', '/admin/fee-plans', { ...base, merchantId, terms, transactionType: 'refund' });
  const shown = async (over: Record<string, string> = {}) =>
    (await calculate(api.operatorKey, { merchantId, mode: 'test', amount: '1.00', ...over })).body;
  expect(await shown()).toMatchObject({
    fee: {
      amount: '1.00',
      steps: [
        { step: 'percentage', amount: '0.03' },
        { step: 'fixed', amount: '0.30' },
        { step: 'minimum', amount: '4.67' },
        { step: 'capped_at_amount', amount: '-4.00' },
      ],
    },
    net: '0.00',
  });
  expect(await shown({ transactionType: 'refund' })).toMatchObject({ fee: { amount: '5.00' } });
});

/** As many as there may be methods: `aaa`, `aab` and so on. */
const addPlans = (currency: string, count: number, merchantId: string | null = null) =>
  api.database.query(
    `with made as (
       insert into fee_plans (id, payer, transaction_type, currency, merchant_id, method, name)
       select gen_random_uuid(), 'merchant', 'payment', $1, $3, translate(n::text, '0123456789', 'abcdefghij'), 'Many'
       from generate_series(10001, 10000 + $2::int) as n returning id
     )
     insert into fee_plan_versions (plan_id, version, terms, is_enabled, effective_from, created_by)
     select id, 1, '{"tiers": [{"fromVolume": "0", "percent": "1", "fixed": "0"}], "refundable": "none"}', true,
       now() - interval '1 hour', 'operator' from made`,
    [currency, count, merchantId],
  );

test('plans for something else crowd out none that fits', async () => {
  const general = { ...base, currency: 'GBP', terms: { tiers: [{ percent: '2' }] } };
  expect((await asOperator('POST', '/admin/fee-plans', general)).status).toBe(201);
  await addPlans('JPY', 5_001);
  expect((await calculate(merchant.testKey, { currency: 'GBP' })).body).toMatchObject({
    fee: { amount: '2.00' },
  });
});

test('of more plans than can be looked through none is left out silently', async () => {
  const { id } = await api.addMerchant('Of many plans');
  const load = () =>
    loadFeePlansInEffect(
      api.database,
      { merchantId: id, currencies: ['EUR'], channelConfigIds: [] },
      new Date(),
    );
  await addPlans('EUR', 5_000, id);
  expect(await load()).toHaveLength(5_000);
  await asOperator('POST', '/admin/fee-plans', { ...base, currency: 'EUR' });
  await expect(load()).rejects.toThrow('More than 5000 fee plans fit payments of merchant');
});

test.each([
  [{ terms: { tiers: [{ percent: '101' }] } }, 'terms.tiers.0.percent'],
  [{ terms: { tiers: [{ fixed: '0.305' }] } }, 'terms.tiers.0.fixed'],
  [{ currency: 'XYZ' }, 'currency'],
  [{ effectiveFrom: '2020-01-01T00:00:00Z' }, 'effectiveFrom'],
  [{ effectiveFrom: '9999-12-31T23:59:59-12:00' }, 'effectiveFrom'],
  [{ merchantId: `mer_${'0'.repeat(32)}` }, 'merchantId'],
])('a plan with %j is refused at %s', async (over, param) => {
  const reply = await asOperator('POST', '/admin/fee-plans', { ...base, transactionType: 'refund', ...over });
  expect([reply.status, reply.body]).toMatchObject([400, { error: { param } }]);
});

test('plans are for operators', async () => {
  const reply = await api.call('GET', '/api/v1/admin/fee-plans', { key: merchant.testKey });
  expect(reply.status).toBe(403);
});
