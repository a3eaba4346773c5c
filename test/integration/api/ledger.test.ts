import { randomUUID } from 'node:crypto';
import { newId } from '../../../db/ids';
import { createLedger } from '../../../db/stores/ledger-store';
import { publicId } from '../../../domain/ids';
import { adjustmentJournal } from '../../../domain/ledger/adjustment-journal';
import { merchantAccount } from '../../../domain/ledger/account';
import type { Journal } from '../../../domain/ledger/journal';
import { startTestApi, type TestApi, type TestMerchant } from '../../support/api';
import { aSuccess } from '../../support/ledger';

interface Balances {
  balances: Record<'pending' | 'available' | 'held', { amount: string; accountId: string | null }>[];
}
interface Entries {
  data: { id: string; amount: string; journal: string; recordedAt: string }[];
  hasMore: boolean;
}

let api: TestApi;
let merchant: TestMerchant;
let stranger: TestMerchant;
let journals: Journal[];
let accountId: string;

beforeAll(async () => {
  api = await startTestApi();
  merchant = await api.addMerchant();
  stranger = await api.addMerchant('Stranger');
  journals = Array.from({ length: 5 }, () => aSuccess({ merchantId: merchant.id }));
  const ledger = createLedger();
  for (const journal of journals) await ledger.post(api.database, [journal]);
  accountId = (await balances()).balances[0]?.pending.accountId ?? '';
});
afterAll(() => api.stop());

const get = (path: string, key = merchant.testKey) => api.call('GET', `/api/v1${path}`, { key });
const balances = async (query = '') => (await get(`/balances${query}`)).body as Balances;

it('tells a merchant what it has, now and at a moment of the past', async () => {
  // Five of 100.00, a fee of 3.20 each.
  expect(await balances()).toMatchObject({
    mode: 'test',
    balances: [{ currency: 'USD', pending: { amount: '484.00' }, held: { amount: '0.00', accountId: null } }],
  });
  const { rows } = await api.database.query<{ at: Date }>(
    "select recorded_at + interval '1 microsecond' as at from ledger_journals where reference = $1",
    [journals[1]?.reference],
  );
  const at = new Date((rows[0]?.at.getTime() ?? 0) + 1).toISOString();
  const before = new Date(0).toISOString();
  expect((await balances(`?at=${before}`)).balances).toEqual([]);
  const [past] = (await balances(`?at=${at}`)).balances;
  expect(Number(past?.pending.amount)).toBeGreaterThanOrEqual(193.6);
});

it('counts what is shown as recorded at a moment among what was known at it, and lists it in one period only', async () => {
  const all = ((await get(`/ledger/accounts/${accountId}/entries?limit=100`)).body as Entries).data;
  const cents = (amount: string) => BigInt(amount.replace('.', ''));
  const { rows } = await api.database.query<{ isWithin: boolean }>(
    `select bool_or(recorded_at <> date_trunc('milliseconds', recorded_at)) as "isWithin" from ledger_journals`,
  );
  expect(rows).toEqual([{ isWithin: true }]);
  for (const { recordedAt } of all) {
    const known = all.filter((entry) => entry.recordedAt <= recordedAt);
    const [told] = (await balances(`?at=${recordedAt}`)).balances;
    expect(cents(told?.pending.amount ?? '')).toBe(
      known.reduce((sum, entry) => sum + cents(entry.amount), 0n),
    );
    const next = new Date(Date.parse(recordedAt) + 1).toISOString();
    const period = await get(`/ledger/accounts/${accountId}/entries?from=${recordedAt}&to=${next}`);
    expect((period.body as Entries).data).toEqual(all.filter((entry) => entry.recordedAt === recordedAt));
  }
});

it('tells an operator whom it asks about', async () => {
  const reply = await get(`/balances?merchantId=${merchant.publicId}&mode=test`, api.operatorKey);
  expect(reply.body).toMatchObject({ balances: [{ pending: { amount: '484.00' } }] });
  expect((await get('/balances?mode=test', api.operatorKey)).body).toMatchObject({
    error: { code: 'parameter_missing', param: 'merchantId' },
  });
  expect((await get(`/balances?merchantId=${merchant.publicId}`, stranger.testKey)).status).toBe(404);
});

it('pages through the entries of an account without losing or repeating one', async () => {
  const seen: Entries['data'] = [];
  let after = '';
  for (;;) {
    const page = (await get(`/ledger/accounts/${accountId}/entries?limit=3${after}`)).body as Entries;
    seen.push(...page.data);
    if (!page.hasMore) break;
    after = `&startingAfter=${seen.at(-1)?.id}`;
  }
  expect(seen).toHaveLength(10);
  expect(new Set(seen.map(({ id }) => id)).size).toBe(10);
  expect(seen[0]).toMatchObject({ amount: '-3.20', journal: journals[4]?.reference });
  expect(seen[9]).toMatchObject({ amount: '100.00', journal: journals[0]?.reference });
});

it('keeps to the range of time, and refuses one that ends before it begins', async () => {
  const future = new Date(Date.now() + 60_000).toISOString();
  expect((await get(`/ledger/accounts/${accountId}/entries?from=${future}`)).body).toMatchObject({
    data: [],
  });
  const turned = await get(`/ledger/accounts/${accountId}/entries?to=2020-01-01T00:00:00Z`);
  expect(turned.body).toMatchObject({ error: { code: 'parameter_invalid', param: 'to' } });
  const nonsense = await get(
    `/ledger/accounts/${accountId}/entries?startingAfter=ent_99999999999999999999_1_1`,
  );
  expect(nonsense.body).toMatchObject({ error: { code: 'parameter_invalid', param: 'startingAfter' } });
});

it('shows a merchant its own lines of a journal, an operator all, a stranger none', async () => {
  const path = `/ledger/journals/${journals[0]?.reference}`;
  const own = (await get(path)).body as { id: string; lines: { account: string }[] };
  expect(own.lines.map(({ account }) => account)).toEqual(['merchant_pending', 'merchant_pending']);
  const whole = (await get(path, api.operatorKey)).body as { lines: unknown[] };
  expect(whole.lines).toHaveLength(6);
  expect((await get(`/ledger/journals/${own.id}`)).body).toEqual(own);
  expect((await get(path, stranger.testKey)).status).toBe(404);
  expect((await get(path, merchant.liveKey)).status).toBe(404);
  expect((await get(`/ledger/accounts/${accountId}/entries`, stranger.testKey)).status).toBe(404);
  expect((await get(`/ledger/accounts/${accountId}/entries.csv`, merchant.liveKey)).status).toBe(404);
});

it('names all that a journal is about', async () => {
  const links = { disputeId: newId(), withdrawalId: newId(), settlementId: newId() };
  const about = aSuccess({ merchantId: merchant.id });
  await createLedger().post(api.database, [{ ...about, links: { ...about.links, ...links } }]);
  const { body } = await get(`/ledger/journals/${about.reference}`, api.operatorKey);
  const told = { ...links, disputeId: publicId('dispute', links.disputeId), refundId: null };
  expect(body).toMatchObject(told);
  const { data } = (await get(`/ledger/accounts/${accountId}/entries?limit=1`)).body as Entries;
  expect(data).toMatchObject([{ ...told, journal: about.reference }]);
  const { text } = await get(`/ledger/accounts/${accountId}/entries.csv`);
  expect(text.split('\r\n')[1]).toContain(`,,${Object.values(told).slice(0, 3).join(',')},`);
});

it('exports all entries as CSV, more than one page of them', async () => {
  const busy = await api.addMerchant('Busy');
  const many = Array.from({ length: 600 }, () => aSuccess({ merchantId: busy.id, fee: 0n }));
  await createLedger().post(api.database, many);
  const found = (await get('/balances', busy.testKey)).body as Balances;
  const path = `/ledger/accounts/${found.balances[0]?.pending.accountId}/entries.csv`;
  const reply = await get(path, busy.testKey);
  expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  const [head, ...rows] = reply.text.trimEnd().split('\r\n');
  expect(head).toBe(
    'id,journal,kind,amount,currency,paymentId,refundId,disputeId,withdrawalId,settlementId,effectiveAt,recordedAt',
  );
  expect(rows).toHaveLength(600);
  expect(new Set(rows.map((row) => row.split(',')[1]))).toEqual(new Set(many.map((one) => one.reference)));
});

it('shows the reason of an adjustment, and who approved it, to operators only', async () => {
  const made = adjustmentJournal({
    reference: `adj_${randomUUID()}`,
    mode: 'test',
    effectiveAt: new Date(),
    account: merchantAccount('test', merchant.id, 'available', 'EUR'),
    amount: -500n,
    reason: 'goodwill',
    requestedBy: 'ann',
    approvedBy: 'ben',
  });
  if (!made.ok) throw new Error(made.reason);
  await createLedger().post(api.database, [made.journal]);
  const path = `/ledger/journals/${made.journal.reference}`;
  expect((await get(path)).body).toMatchObject({ reason: null, approvedBy: null });
  expect((await get(path, api.operatorKey)).body).toMatchObject({
    reason: 'goodwill (asked for by ann)',
    approvedBy: 'ben',
  });
});
