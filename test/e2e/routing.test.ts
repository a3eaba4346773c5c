import { publicId } from '../../domain/ids';
import { addKpay, configurePayments } from '../support/platform-merchant';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

let platform: Platform;
let first: string;
let second: string;

beforeAll(async () => {
  platform = await startPlatform();
  first = publicId('channelConfig', platform.channelConfigId);
  second = publicId(
    'channelConfig',
    await addKpay(platform.database, platform.secretBox, { baseUrl: platform.sandbox.url }),
  );
  const callbackUrl = platform.callbacks.url;
  await configurePayments(platform, platform.merchant, { channels: [first, second], callbackUrl });
  await new Promise((resolve) => setTimeout(resolve, 1_100));
});
afterAll(() => platform?.close());

const admin = (method: string, path: string, body?: object) =>
  platform.call(method, `/api/v1/admin/${path}`, { key: platform.operatorKey, body });

async function turn(channel: string, to: string): Promise<void> {
  expect((await admin('POST', `channels/${channel}/switch`, { to, reason: 'a test' })).status).toBe(200);
}

interface Line {
  source: string;
  what: string;
}

async function story(id: string): Promise<{ why: string; lines: Line[] }> {
  const reply = await platform.call('GET', `/api/v1/payments/${id}/timeline`, {
    key: platform.merchant.apiKey,
  });
  return reply.body as { why: string; lines: Line[] };
}

const told = (lines: Line[], source: string) =>
  lines.filter((line) => line.source === source).map(({ what }) => what);

it('a channel that is switched off loses its traffic within a second, and gets it back', async () => {
  await turn(first, 'off');
  const away = await until('the other one takes it', async () => {
    const payment = await platform.openPayment();
    const [line] = told((await story(payment.id)).lines, 'routing');
    return line?.includes('switched off by an operator') === true && payment;
  });
  expect(away.attempts).toBe(1);
  await turn(first, 'on');
  await until('it is back', async () => {
    const [line] = told((await story((await platform.openPayment()).id)).lines, 'routing');
    return line?.includes('switched off') === false;
  });
});

it('a channel whose calls fail stands behind the other, and the decision says so', async () => {
  // Certain failures: the payment goes on to the second channel, which is at the same provider and takes its share of
  // them. Five in a row at the first are no chance any more, however fast payments follow one another.
  platform.sandbox.addFault({ kind: 'not_processed', operation: 'create', count: 40 });
  await until('it is known', async () => {
    const [line] = told((await story((await platform.openPayment()).id)).lines, 'routing');
    return line?.includes('ailing') === true || line?.includes('rests') === true;
  });
  platform.sandbox.clearFaults();
  const alert = await until('operators are told', async () => {
    const { body } = await platform.call('GET', `/api/v1/integrations/alerts?kind=traffic_lost`, {
      key: platform.operatorKey,
    });
    const { data } = body as { data: { serviceId: string; details: { why: string } }[] };
    return data.find(({ serviceId }) => serviceId === first);
  });
  const { body } = await admin('GET', `channels/${first}/turns`);
  const { data: turns } = body as { data: { isAiling: boolean; why: string }[] };
  expect(turns).toContainEqual(expect.objectContaining({ isAiling: true, why: alert.details.why }));
});

it('other rules are tried on the payments of the past, and change nothing', async () => {
  const document = { rules: [{ name: 'away', then: { avoid: [first] } }] };
  const reply = await platform.call('POST', '/api/v1/routing/simulate', {
    key: platform.operatorKey,
    body: { mode: 'test', days: 1, document },
  });
  expect(reply.status).toBe(200);
  const simulation = reply.body as {
    payments: number;
    moved: number;
    channels: { id: string; after: number }[];
  };
  expect(simulation).toMatchObject({ isComplete: true, untaken: 0, cost: [{ currency: 'USD' }] });
  expect(simulation.moved).toBeGreaterThan(0);
  const seen = new Map(simulation.channels.map(({ id, after }) => [id, after]));
  expect([seen.get(first), seen.get(second)]).toEqual([0, simulation.payments]);
});

describe('when no channel can take it', () => {
  let waiting: PaymentBody;

  beforeAll(async () => {
    await turn(first, 'off');
    await turn(second, 'off');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
  });
  beforeEach(async () => {
    const reply = await platform.startPayment(anOrder());
    expect(reply.status).toBe(201);
    waiting = reply.body as PaymentBody;
  });

  const queue = async () => {
    const reply = await admin('GET', 'manual-queue?limit=100');
    return (reply.body as { data: { paymentId: string }[] }).data;
  };

  it('the customer gets a friendly answer, operators find it in the queue, nothing is charged', async () => {
    expect(waiting).toMatchObject({
      status: 'pending',
      lastError: { code: 'no_channel' },
      nextAction: { type: 'wait', message: expect.stringMatching(/Nothing was charged/) as string },
    });
    expect(await queue()).toContainEqual(
      expect.objectContaining({
        ...{ paymentId: waiting.id, reason: 'no_channel', amount: '100.50', lastFailure: null },
        considered: [
          expect.objectContaining({ channelId: first, reason: 'switched off by an operator' }),
          expect.objectContaining({ channelId: second, reason: 'switched off by an operator' }),
        ],
      }),
    );
    await platform.callbacks.waitFor(waiting.orderId, 'payment.no_channel');
    const { why, lines } = await story(waiting.id);
    expect(why).toMatch(/No payment channel can take this payment just now/);
    expect(told(lines, 'routing')[0]).toMatch(/None of them can be used just now/);
    expect(told(lines, 'attempt')).toEqual(['An attempt at kpay was planned; nothing was sent.']);
    expect(platform.sandbox.find(`${waiting.id}-1`)).toBeUndefined();
    const metrics = await fetch(`${platform.url}/metrics`);
    expect(await metrics.text()).toMatch(/durapay_payments_without_channel_total [1-9]/);
  });

  it('asked for again it is the same payment; what nobody offers is still refused', async () => {
    const again = await platform.startPayment(anOrder({ orderId: waiting.orderId }));
    expect([again.status, again.body]).toMatchObject([200, { id: waiting.id, status: 'pending' }]);
    const refused = await platform.startPayment(anOrder({ method: 'crypto' }));
    expect([refused.status, refused.body]).toMatchObject([422, { error: { code: 'channel_not_available' } }]);
  });

  it('an operator gives it up', async () => {
    const reply = await admin('POST', `manual-queue/${waiting.id}/cancel`, { reason: 'the customer left' });
    expect([reply.status, reply.body]).toMatchObject([200, { status: 'cancelled' }]);
    expect((await queue()).map(({ paymentId }) => paymentId)).not.toContain(waiting.id);
    const twice = await admin('POST', `manual-queue/${waiting.id}/cancel`, { reason: 'again' });
    expect([twice.status, twice.body]).toMatchObject([409, { error: { code: 'not_in_queue' } }]);
  });

  it('an operator can’t take it anywhere while they are away, and is told why', async () => {
    const reply = await admin('POST', `manual-queue/${waiting.id}/retry`, { reason: 'try' });
    expect([reply.status, reply.body]).toMatchObject([
      409,
      { error: { code: 'channel_refused', message: expect.stringMatching(/switched off/) as string } },
    ]);
    expect((await platform.readPayment(waiting.id)).status).toBe('pending');
  });

  it('the merchant may give it up itself', async () => {
    const reply = await platform.call('POST', `/api/v1/payments/${waiting.id}/cancel`, {
      key: platform.merchant.apiKey,
      body: {},
    });
    expect([reply.status, reply.body]).toMatchObject([200, { status: 'cancelled' }]);
  });

  it('once a channel is back an operator takes it there, the merchant hears of it, and it is paid once', async () => {
    await turn(second, 'on');
    const started = await until('it is taken', async () => {
      const reply = await admin('POST', `manual-queue/${waiting.id}/retry`, { reason: 'it is back' });
      return reply.status === 200 && (reply.body as PaymentBody);
    });
    expect(started).toMatchObject({ status: 'requires_action', attempts: 2, lastError: null });
    await platform.callbacks.waitFor(waiting.orderId, 'payment.action_required');
    const { lines } = await story(waiting.id);
    expect(told(lines, 'routing')).toHaveLength(2);
    await platform.checkout(started, 'pay');
    await platform.waitForStatus(waiting.id, 'succeeded');
    expect(platform.sandbox.find(`${waiting.id}-1`)).toBeUndefined();
    expect(platform.sandbox.find(`${waiting.id}-2`)).toMatchObject({ charges: 1 });
    await turn(second, 'off');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
  });
});
