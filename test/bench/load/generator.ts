import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { Completions } from './completions';
import type { LoadReport, LoadRun, LoadTarget, PreparedMessage, Schedule } from './contracts';
import { poissonSlice } from './schedule';

const ordersKept = 50;
const connectionsMax = 512;

interface Payment {
  orderId: string;
  answeredAt: number;
  finishedAt: number;
}

export function createGenerator(completions: Completions): (run: LoadRun) => Promise<LoadReport> {
  const dispatcher = new Agent({ connections: connectionsMax, keepAliveTimeout: 60_000 });

  async function post(url: string, headers: Record<string, string>, body: string): Promise<string> {
    const answer = await request(url, {
      dispatcher,
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300)
      throw new Error(`${url} answered ${answer.statusCode}: ${text.slice(0, 300)}`);
    return text;
  }

  /** One whole payment, as merchant and customer. */
  async function pay(
    { startUrl, headers, body, pay: customer }: LoadTarget,
    orderId: string,
  ): Promise<Payment> {
    const finished = completions.finished(orderId);
    finished.catch(() => undefined);
    const answer = await post(startUrl, headers, JSON.stringify({ ...body, orderId }));
    const answeredAt = performance.now();
    if (customer === 'on the page of nextAction') {
      const { nextAction } = JSON.parse(answer) as { nextAction: { url: string } };
      await post(`${nextAction.url}/pay`, { accept: 'application/json' }, '');
    } else if (customer) {
      await post(customer.url, {}, JSON.stringify({ orderId, webhookUrl: customer.webhookUrl }));
    }
    await finished;
    return { orderId, answeredAt, finishedAt: performance.now() };
  }

  async function start({ startUrl, headers, body }: LoadTarget, orderId: string): Promise<Payment> {
    const once = (): Promise<unknown> => post(startUrl, headers, JSON.stringify({ ...body, orderId }));
    // Thousands at once are no measurement: what is told to be repeated is repeated, under the same orderId.
    await once().catch(() => once());
    const answeredAt = performance.now();
    return { orderId, answeredAt, finishedAt: answeredAt };
  }

  async function deliver({ startUrl }: LoadTarget, message: PreparedMessage): Promise<Payment> {
    const { orderId = '' } = message;
    const finished = orderId === '' ? Promise.resolve() : completions.finished(orderId);
    finished.catch(() => undefined);
    await post(startUrl, message.headers, message.body);
    const answeredAt = performance.now();
    await finished;
    return { orderId, answeredAt, finishedAt: performance.now() };
  }

  return async ({ target, shape, orderPrefix }) => {
    let sequence = 0;
    const nextOrder = (): string => `${orderPrefix}-${(sequence += 1)}`;
    const failures: string[] = [];
    const fail = (error: unknown): void => void failures.push(String(error));
    const answers: { startedAt: number; payment: Payment }[] = [];
    const report = (elapsedMs: number, counted: typeof answers): LoadReport => ({
      answersMs: counted.map(({ startedAt, payment }) => payment.answeredAt - startedAt),
      finished: counted.length,
      started: sequence,
      elapsedMs,
      failures: failures.length,
      ...(failures[0] === undefined ? {} : { firstFailure: failures[0] }),
      lastOrderIds: counted.slice(-ordersKept).map(({ payment }) => payment.orderId),
    });
    const timed = async (startedAt: number, work: Promise<Payment>): Promise<void> => {
      answers.push({ startedAt, payment: await work });
    };
    const payAt = (startedAt: number): Promise<void> => timed(startedAt, pay(target, nextOrder()));

    if (shape.kind === 'closed') {
      const from = performance.now() + shape.warmUpMs;
      const until = from + shape.measureMs;
      await atOnce(shape.concurrency, async () => {
        while (performance.now() < until) await payAt(performance.now()).catch(fail);
      });
      const counted = answers.filter(
        ({ payment }) => payment.finishedAt >= from && payment.finishedAt < until,
      );
      return report(shape.measureMs, counted);
    }

    const begin = performance.now();
    if (shape.kind === 'alone') {
      for (let turn = 0; turn < shape.warmUpPayments + shape.payments; turn += 1) {
        await payAt(performance.now()).catch(fail);
      }
      return report(performance.now() - begin, answers.slice(shape.warmUpPayments));
    }
    if (shape.kind === 'start') {
      await atOnce(shape.concurrency, async () => {
        while (sequence < shape.count) {
          await timed(performance.now(), start(target, nextOrder())).catch(fail);
        }
      });
      return report(performance.now() - begin, answers);
    }

    const { messages } = shape.kind === 'deliver' ? shape : { messages: [] };
    await bySchedule(shape.schedule, begin, (intendedAt, index) => {
      const message = messages[index];
      if (message === undefined) return payAt(intendedAt).catch(fail);
      sequence += 1;
      return timed(intendedAt, deliver(target, message)).catch(fail);
    });
    return report(performance.now() - begin, answers);
  };
}

function atOnce(count: number, work: () => Promise<void>): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, work));
}

async function bySchedule(
  { seed, ratePerSecond, from, count }: Schedule,
  begin: number,
  work: (intendedAt: number, index: number) => Promise<void>,
): Promise<void> {
  const underway: Promise<void>[] = [];
  for (const [index, afterMs] of poissonSlice(seed, ratePerSecond, from, count).entries()) {
    const intendedAt = begin + afterMs;
    // Waits are rounded up to whole milliseconds; what that costs is in every arm's figure alike.
    const early = intendedAt - performance.now();
    if (early > 0) await sleep(early);
    underway.push(work(intendedAt, index));
  }
  await Promise.all(underway);
}
