import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPool, type Database } from '../../db/pool';
import { startKpaySandbox, type KpaySandbox } from '../../dev/sandboxes/kpay/sandbox';
import { startStack, type Stack } from '../../dev/stack/stack';
import { unusedPorts } from '../../dev/stack/stack-ports';
import { call } from '../support/api';
import { configurePayments } from '../support/platform-merchant';
import { bySecond, judgeSeconds, type Begun } from './channels/seconds';
import { openShop } from './channels/shop';
import type { Finding } from './finding';
import type { FaultReport, RunOptions } from './payments';

/** A little above what the promise names, so that every second has its twenty. */
const perSecond = 24;
/** Cold processes are slow: these seconds don't count. */
const warmUpMs = 10_000;
const goodTimesMs = 10_000;
const badTimesMs = 25_000;
/** A breaker rests for a minute, and then it has to be found out that all is well. */
const backWithinMs = 150_000;
const backShareMin = 0.8;

/**
 * The best of two channels begins to fail under load: half of its calls hang, the rest are answered 500. Payments go
 * to the other one, and come back when it works again.
 */
export async function runChannelFaults(options: RunOptions): Promise<FaultReport> {
  const { say, signal } = options;
  const ending: (() => Promise<unknown>)[] = [];
  try {
    const stateFolder = await mkdtemp(path.join(tmpdir(), 'durapay-faults-'));
    ending.unshift(() =>
      options.isKept ? Promise.resolve() : rm(stateFolder, { recursive: true, force: true }),
    );
    const [best, other] = await Promise.all([startKpaySandbox(), startKpaySandbox()]);
    for (const sandbox of [best, other]) ending.unshift(() => sandbox.close());
    const stack = await startStack({
      stateFolder,
      ports: await unusedPorts(),
      environment: {
        NODE_ENV: 'test',
        LOG_LEVEL: 'info',
        CHANNEL_FAST_TIMEOUT_MS: '1500',
        CHANNEL_TIMEOUT_MS: '4000',
      },
      report: say,
      signal,
    });
    ending.unshift(() => stack.stop());
    const database = createPool({ url: stack.ownerUrl, size: 2, statementTimeoutMs: 30_000, name: 'faults' });
    ending.unshift(() => database.end());
    await configure(stack, [best, other]);
    return await drill({ stack, database, best, other }, options);
  } finally {
    for (const end of ending) await end();
  }
}

interface Scene {
  stack: Stack;
  database: Database;
  best: KpaySandbox;
  other: KpaySandbox;
}

async function drill(
  { stack, database, best, other }: Scene,
  { seed, say, signal }: RunOptions,
): Promise<FaultReport> {
  const shop = openShop({ api: stack.urls.api, apiKey: stack.demo.apiKey });
  const from = Date.now() + warmUpMs;
  const served = shop.serve(perSecond, `d${seed}`);
  let backAfterMs: number | undefined;
  try {
    await sleep(warmUpMs + goodTimesMs, undefined, { signal });
    say('the best channel begins to fail');
    best.addFault({ kind: 'timeout_before', operation: 'create', probability: 0.5 });
    best.addFault({ kind: 'error_before', operation: 'create' });
    await sleep(badTimesMs, undefined, { signal });
    best.clearFaults();
    const healedAt = Date.now();
    say('the best channel works again');
    backAfterMs = await until(backWithinMs, signal, () => isBack(best, other, 3_000), healedAt);
    say(
      backAfterMs === undefined
        ? 'its traffic did not come back'
        : `its traffic came back after ${backAfterMs} ms`,
    );
    await sleep(5_000, undefined, { signal });
  } finally {
    shop.close();
    await served;
    say('waiting for the last customers');
    await shop.end();
  }
  const seconds = bySecond(
    shop.begun.filter(({ startedAtMs }) => startedAtMs >= from),
    from,
  );
  const { bad, offenders } = judgeSeconds(seconds);
  const turns = await database.query<{ is_ailing: boolean; why: string }>(
    'select is_ailing, why from channel_turns order by id',
  );
  return {
    operations: { start: shop.begun.length },
    faults: { channel_fails: 1 },
    findings: [
      {
        name: 'C1',
        promise: 'at 20 payments/s or more, at most five seconds fall under 99 % success',
        checked: seconds.length,
        offenders,
      },
      await allPaid(database, shop.begun),
      chargedOnce(shop.begun, [best, other]),
      {
        name: 'C4',
        promise: `${backShareMin * 100} % of the traffic is back within ${backWithinMs / 1_000} s of the recovery`,
        checked: 1,
        offenders: backAfterMs === undefined ? ['it did not come back'] : [],
      },
    ],
    notes: [
      `${(shop.begun.length / seconds.length).toFixed(1)} payments/s over ${seconds.length} s`,
      `seconds under 99 %: ${bad.map(({ second, started, good }) => `${second} (${good}/${started})`).join(', ') || 'none'}`,
      `back ${backAfterMs === undefined ? 'never' : `${Math.round(backAfterMs / 1_000)} s after the recovery`}`,
      ...turns.rows.map(({ is_ailing, why }) => `${is_ailing ? 'lost its traffic' : 'got it back'}: ${why}`),
    ],
  };
}

/** Two accounts at the same kind of provider, the first preferred. `pinned` keeps every payment on it: a mutation. */
async function configure(stack: Stack, sandboxes: readonly KpaySandbox[]): Promise<void> {
  const url = stack.urls.api.replace('/api/v1', '');
  const { operatorKey: key, merchantId } = stack.demo;
  const ask = async (method: string, where: string, body: object): Promise<{ id: string }> => {
    const reply = await call(url, method, `/api/v1${where}`, { key, body });
    if (reply.status >= 300) throw new Error(`${method} ${where}: ${reply.status} ${reply.text}`);
    return reply.body as { id: string };
  };
  const channels: string[] = [];
  for (const [index, sandbox] of sandboxes.entries()) {
    const { id } = await ask('POST', '/admin/channels', {
      ...{ channel: 'kpay', mode: 'test', name: `KPay ${index + 1}`, baseUrl: sandbox.url },
      currencies: ['USD'],
      credentials: sandbox.account,
    });
    channels.push(id);
  }
  await configurePayments(
    { url, operatorKey: key },
    { publicId: merchantId },
    { currencies: ['USD'], channels, expiresInSeconds: 1_800 },
  );
  if (process.env.CHANNEL_FAULTS_MUTATION === 'pinned') {
    const rules = [{ name: 'pinned', then: { only: [channels[0]] } }];
    await ask('PUT', '/admin/routing/rules', { mode: 'test', document: { rules } });
  }
  // Configuration and rules are heard of at once, and at the latest after this.
  await sleep(11_000);
}

function isBack(best: KpaySandbox, other: KpaySandbox, withinMs: number): boolean {
  const recent = (sandbox: KpaySandbox) =>
    sandbox.book().filter(({ created_at }) => Date.parse(created_at) > Date.now() - withinMs).length;
  const [there, elsewhere] = [recent(best), recent(other)];
  return there + elsewhere > 0 && there / (there + elsewhere) >= backShareMin;
}

async function until(
  withinMs: number,
  signal: AbortSignal,
  holds: () => boolean,
  from: number,
): Promise<number | undefined> {
  while (Date.now() - from < withinMs) {
    if (holds()) return Date.now() - from;
    await sleep(250, undefined, { signal });
  }
  return undefined;
}

/** Everybody came back and paid: nothing was lost on the way. */
async function allPaid(database: Database, begun: readonly Begun[]): Promise<Finding> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const { rows } = await database.query<{ order_id: string; status: string }>(
      'select order_id, status from payments where order_id = any($1)',
      [begun.map(({ orderId }) => orderId)],
    );
    const status = new Map(rows.map((row) => [row.order_id, row.status]));
    const unpaid = begun.filter(({ orderId }) => status.get(orderId) !== 'succeeded');
    if (unpaid.length === 0 || Date.now() > deadline) {
      const offenders = unpaid.map(({ orderId }) => `${orderId} is ${status.get(orderId) ?? 'nowhere'}`);
      return { name: 'C2', promise: 'every payment is paid in the end', checked: begun.length, offenders };
    }
    await sleep(500);
  }
}

/** By the providers' own books, whatever the platform believes. */
function chargedOnce(begun: readonly Begun[], sandboxes: readonly KpaySandbox[]): Finding {
  const charges = new Map<string, number>();
  for (const { reference, charges: times } of sandboxes.flatMap((sandbox) => sandbox.book())) {
    const payment = reference.slice(0, reference.lastIndexOf('-'));
    charges.set(payment, (charges.get(payment) ?? 0) + times);
  }
  const offenders = [...charges]
    .filter(([, times]) => times > 1)
    .map(([id, times]) => `${id}: ${times} charges`);
  return { name: 'C3', promise: 'no payment is charged twice', checked: begun.length, offenders };
}
