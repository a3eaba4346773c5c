import { parsePublicId } from '../../domain/ids';
import { startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

interface Timeline {
  why: string;
  next: { what: string; by: string | null }[];
  workflow: { id: string; history: 'live' | 'kept' | 'unavailable' };
  lines: { at: string; source: string; by: string; what: string; reference: string | null }[];
}

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({
    settings: {
      PAYMENT_KEEP_HISTORY_AFTER_MS: '300',
      OPEN_PAYMENT_OVERDUE_MS: '300',
      SWEEP_INTERVAL_MS: '1000',
    },
  });
});
afterAll(() => platform?.close());

async function timelineOf(id: string): Promise<Timeline> {
  const reply = await platform.call('GET', `/api/v1/payments/${id}/timeline`, {
    key: platform.merchant.apiKey,
  });
  expect(reply.status).toBe(200);
  return reply.body as Timeline;
}

const sources = ({ lines }: Timeline) => new Set(lines.map(({ source }) => source));

let payment: PaymentBody;

test('an open payment says whom it waits for and when it acts by itself', async () => {
  payment = await platform.openPayment();
  const { why, next, workflow } = await timelineOf(payment.id);
  expect(why).toBe('The customer has not finished paying at kpay.');
  expect(next[0]).toEqual({ what: 'The customer pays or declines, and kpay tells us.', by: null });
  expect(next.slice(1).every(({ by }) => by !== null && Date.parse(by) > Date.now())).toBe(true);
  expect(workflow).toEqual({ id: platform.workflowId(payment.orderId), history: 'live' });
});

test('a paid one tells its story in order, with who caused each line', async () => {
  await platform.checkout(payment, 'pay');
  await platform.callbacks.waitFor(payment.orderId, 'payment.succeeded');
  const timeline = await until('the callback’s try is written', async () => {
    const told = await timelineOf(payment.id);
    return sources(told).has('callback') ? told : undefined;
  });
  expect(timeline.why).toBe('kpay confirmed that the money was charged.');
  expect(timeline.next).toEqual([]);
  expect([...sources(timeline)].sort()).toEqual([
    'attempt',
    'callback',
    'ledger',
    'payment',
    'routing',
    'webhook',
    'workflow',
  ]);
  const moments = timeline.lines.map(({ at }) => at);
  expect(moments).toEqual([...moments].sort());
  expect(
    timeline.lines.filter(({ source }) => source === 'payment').map(({ by, what }) => [by, what]),
  ).toEqual([
    ['merchant', 'payment.created: pending'],
    ['answer', 'payment.requires_action: pending → requires_action'],
    ['webhook', 'payment.succeeded: requires_action → succeeded'],
  ]);
  expect(timeline.lines.find(({ source }) => source === 'webhook')?.what).toBe(
    'An event came (charge: succeeded), was genuine and was kept; it was applied.',
  );
  expect(timeline.lines.find(({ source }) => source === 'ledger')).toMatchObject({
    reference: `${payment.id}-1`,
  });
});

test('the workflow’s part outlives Temporal', async () => {
  await until('the history is kept', async () => (await timelineOf(payment.id)).workflow.history === 'kept');
  await platform.temporal.workflowService.deleteWorkflowExecution({
    namespace: platform.temporal.options.namespace,
    workflowExecution: { workflowId: platform.workflowId(payment.orderId) },
  });
  const timeline = await timelineOf(payment.id);
  const told = timeline.lines.filter(({ source }) => source === 'workflow').map(({ what }) => what);
  expect(told[0]).toBe('The workflow began.');
  expect(told).toContain('The workflow was told: channelEvent.');
  expect(told.at(-1)).toBe('The workflow ended: nothing is left to do.');
});

test('is nobody else’s to read, but operators’', async () => {
  const stranger = await platform.stranger();
  const path = `/api/v1/payments/${payment.id}/timeline`;
  expect((await platform.call('GET', path, { key: stranger.apiKey })).status).toBe(404);
  expect((await platform.call('GET', path, { key: platform.operatorKey })).status).toBe(200);
});

test('says how much each capture took', async () => {
  const held = await platform.openPayment({ amount: '100.00', capture: 'manual' });
  await platform.checkout(held, 'pay');
  await platform.waitForStatus(held.id, 'authorized');
  for (const body of [{ amount: '30.00' }, { amount: '50.00', isFinal: true }]) {
    const key = platform.merchant.apiKey;
    const reply = await platform.call('POST', `/api/v1/payments/${held.id}/capture`, { key, body });
    expect(reply.status).toBe(200);
  }
  const { lines } = await timelineOf(held.id);
  expect(lines.filter(({ what }) => what.includes('captured ')).map(({ what }) => what)).toEqual([
    'payment.authorized: authorized – captured 30.00 USD, capture 1',
    'payment.succeeded: authorized → succeeded – captured 50.00 USD, capture 2',
  ]);
});

test('of too many things the newest are told, and that there were more', async () => {
  const paid = await platform.openPayment();
  await platform.checkout(paid, 'pay');
  await platform.callbacks.waitFor(paid.orderId, 'payment.succeeded');
  const tries = async () =>
    (await timelineOf(paid.id)).lines.filter(({ source }) => source === 'callback').map(({ what }) => what);
  await until('the try is written', async () => (await tries()).length > 0);
  await platform.database.query(
    `insert into callback_tries (event_id, try_no, at, duration_ms, status_code, answer)
     select t.event_id, t.try_no + n, t.at + n * interval '1 ms', t.duration_ms, t.status_code, t.answer from callback_tries t join outbox o on o.id = t.event_id cross join generate_series(1, 600) n
     where o.payment_id = $1`,
    [parsePublicId('payment', paid.id)],
  );
  const told = await tries();
  expect(told).toHaveLength(501);
  expect(told[0]).toMatch(/^There is more of this kind than is told here: the newest 500 follow/);
  expect(told.at(-1)).toMatch(/try 601:/);
});

test('and so of evidence', async () => {
  const { rows } = await platform.database.query<{ last: string }>(
    `with dispute as (
  insert into disputes (id, payment_id, merchant_id, mode, channel_config_id, channel, attempt_no, provider_ref, amount, currency, status)
  select gen_random_uuid(), id, merchant_id, mode, channel_config_id, 'kpay', 1, 'dp_many', 1, currency, 'needs_response'
  from payments join payment_attempts a on a.payment_id = id where id = $1 returning id
), evidence as (
  insert into dispute_evidence (id, dispute_id, kind, content_type, content, uploaded_by, bytes)
  select format('00000000-0000-7000-8000-%s', lpad(n::text, 12, '0'))::uuid, id, 'other', 'text/plain', '', '{}', 0
  from dispute cross join generate_series(1, 600) n returning id
)
select max(id::text) as last from evidence`,
    [parsePublicId('payment', payment.id)],
  );
  const told = (await timelineOf(payment.id)).lines.filter(({ source }) => source === 'dispute');
  expect(told).toHaveLength(501);
  expect(told[0]?.what).toMatch(/^There is more of this kind than is told here: the newest 500 follow/);
  expect(told.at(-1)?.reference).toBe(`evd_${rows[0]?.last.replaceAll('-', '')}`);
});
