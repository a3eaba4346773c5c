import { randomBytes } from 'node:crypto';
import { kpaySandboxAccount } from '../../sandboxes/kpay/account';
import { tpaySandboxAccount } from '../../sandboxes/tpay/account';
import { badDaysOf } from '../parties/bad-days';
import { apiCaller, until, type Caller } from '../parties/http';
import { openShop, type Merchant, type Payment } from '../parties/merchant';
import { providerAt } from '../parties/provider';
import type { Stage, Story } from '../story';

export const routing: Story = {
  name: 'routing',
  summary:
    'a channel fails and its traffic moves, each decision explained; it recovers and gets it back; none is left',

  async play(stage) {
    const operator = apiCaller(stage.stack.api, stage.stack.demo.operatorKey);
    const kpay = providerAt(stage.stack.sandboxes.kpay ?? '');
    const badDays = badDaysOf('KPay', kpay, stage);
    const first = await addChannel(stage, operator, 'kpay', kpaySandboxAccount);
    const second = await addChannel(stage, operator, 'tpay', tpaySandboxAccount);
    const merchant = await openShop(stage, { config: { channels: [first, second] } });

    await stage.step('merchant', 'starts a payment: KPay is its first choice', async (signal) => {
      const payment = await start(merchant, signal);
      if (payment.attempts !== 1 || (await channelOf(merchant, payment, signal)) !== 'kpay') {
        throw new Error(JSON.stringify(payment));
      }
    });

    await stage.step('KPay', 'will refuse the next four calls before doing anything', (signal) =>
      badDays.order({ kind: 'not_processed', operation: 'create', count: 4 }, signal),
    );
    for (const count of ['a', 'another', 'a third', 'a fourth']) {
      await stage.step(
        'merchant',
        `starts ${count} payment: KPay refuses, and TPay takes it in the same request`,
        async (signal) => {
          const payment = await start(merchant, signal, badDays.description);
          if (payment.attempts !== 2) throw new Error(`${payment.attempts} attempts`);
          return payment;
        },
        { tell: ({ id, nextAction }) => `${id} ${nextAction?.type ?? ''}` },
      );
    }
    await stage.step(
      'operator',
      'sees that KPay lost its traffic',
      (signal) => lastTurn(operator, first, true, signal),
      { tell: (turn) => turn },
    );
    const moved = await stage.step(
      'merchant',
      'goes on selling, until payments go to TPay without asking KPay',
      (signal) => startUntil(merchant, 'tpay', signal),
    );
    await stage.step('merchant', 'is told why', (signal) => why(merchant, moved, signal), {
      tell: (line) => line,
    });

    const back = await stage.step(
      'merchant',
      'goes on selling; now and then a payment tries KPay, which works again',
      async (signal) => {
        await lastTurn(operator, first, false, signal, () => start(merchant, signal));
        return startUntil(merchant, 'kpay', signal);
      },
      { withinMs: 120_000 },
    );
    await stage.step('merchant', 'is told why', (signal) => why(merchant, back, signal), {
      tell: (line) => line,
    });

    await nobodyLeft(stage, operator, merchant, [first, second]);
  },
};

async function nobodyLeft(
  stage: Stage,
  operator: Caller,
  merchant: Merchant,
  channels: readonly string[],
): Promise<void> {
  for (const id of channels) await turn(stage, operator, id, 'off');
  const waiting = await stage.step(
    'merchant',
    'starts a payment, and gets an answer for its customer',
    (signal) =>
      until(signal, async () => {
        const payment = await start(merchant, signal);
        return payment.status === 'pending' ? payment : undefined;
      }),
    { tell: ({ status, lastError }) => `${status}: ${lastError?.message ?? ''}` },
  );
  await stage.step('operator', 'finds it in the queue', async (signal) => {
    const queue = await operator.get<{ data: { paymentId: string }[] }>(
      '/admin/manual-queue?limit=100',
      signal,
    );
    if (!queue.data.some(({ paymentId }) => paymentId === waiting.id)) throw new Error('it is not there');
  });
  await turn(stage, operator, channels[0] ?? '', 'on');
  await stage.step('operator', 'takes it to the channel that is back', (signal) =>
    until(signal, () =>
      operator.post(`/admin/manual-queue/${waiting.id}/retry`, { reason: 'KPay is back' }, signal).then(
        () => true,
        // The switch is heard of within a second.
        () => undefined,
      ),
    ),
  );
  await stage.step('merchant', 'gets the signed callback: its customer can go on', (signal) =>
    merchant.callbacks.received(
      ({ type, data }) => type === 'payment.action_required' && data.payment.id === waiting.id,
      signal,
    ),
  );
}

function addChannel(
  stage: Stage,
  operator: Caller,
  channel: 'kpay' | 'tpay',
  credentials: object,
): Promise<string> {
  return stage.step(
    'operator',
    `configures a channel at ${channel}`,
    async (signal) => {
      const name = `Demo ${channel} ${randomBytes(3).toString('hex')}`;
      const settings = { name, currencies: ['TWD'], baseUrl: stage.stack.sandboxes[channel] };
      // Before it is there: the step may be given up while it is being made.
      stage.afterwards(`disabling the channel at ${channel}`, () => disable(operator, settings));
      const body = { ...settings, channel, mode: 'test', credentials };
      return (await operator.post<{ id: string }>('/admin/channels', body, signal)).body.id;
    },
    { tell: (id) => id },
  );
}

/** It can't be removed, for payments name it: disabled, it is no candidate for any other. */
async function disable(operator: Caller, settings: { name: string }): Promise<void> {
  const signal = AbortSignal.timeout(4_000);
  const path = '/admin/channels';
  const listed = await operator.get<{ data: { id: string; name: string; version: number }[] }>(
    `${path}?mode=test&limit=100`,
    signal,
  );
  for (const { id, name, version } of listed.data) {
    if (name !== settings.name) continue;
    const change = { ...settings, version, isEnabled: false, reason: 'the story is over' };
    await operator.put(`${path}/${id}`, change, signal);
  }
}

async function turn(stage: Stage, operator: Caller, id: string, to: 'on' | 'off'): Promise<void> {
  await stage.step('operator', `switches ${id} ${to} by hand`, (signal) =>
    operator.post(`/admin/channels/${id}/switch`, { to, reason: 'a demonstration' }, signal),
  );
}

async function start(merchant: Merchant, signal: AbortSignal, description = 'Oolong'): Promise<Payment> {
  const order = { orderId: merchant.newOrderId(), amount: '420', currency: 'TWD', description };
  return (await merchant.api.post<Payment>('/payments', order, signal)).body;
}

interface Timeline {
  lines: { source: string; by: string; what: string }[];
}

/** Where its last attempt went. */
async function channelOf(
  merchant: Merchant,
  { id }: Payment,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { lines } = await merchant.api.get<Timeline>(`/payments/${id}/timeline`, signal);
  return lines.filter(({ source, by }) => source === 'attempt' && by !== 'durapay').at(-1)?.by;
}

async function why(merchant: Merchant, { id }: Payment, signal: AbortSignal): Promise<string> {
  const { lines } = await merchant.api.get<Timeline>(`/payments/${id}/timeline`, signal);
  return lines.find(({ source }) => source === 'routing')?.what ?? 'no reason was kept';
}

/** Payment after payment, until one goes there at its first attempt. */
function startUntil(merchant: Merchant, channel: string, signal: AbortSignal): Promise<Payment> {
  return until(signal, async () => {
    const payment = await start(merchant, signal);
    const isThere = payment.attempts === 1 && (await channelOf(merchant, payment, signal)) === channel;
    return isThere ? payment : undefined;
  });
}

function lastTurn(
  operator: Caller,
  channel: string,
  isAiling: boolean,
  signal: AbortSignal,
  meanwhile: () => Promise<unknown> = () => Promise.resolve(),
): Promise<string> {
  return until(signal, async () => {
    await meanwhile();
    const turns = await operator.get<{ data: { isAiling: boolean; why: string }[] }>(
      `/admin/channels/${channel}/turns`,
      signal,
    );
    const [last] = turns.data;
    return last?.isAiling === isAiling ? last.why : undefined;
  });
}
