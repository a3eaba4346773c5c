import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { Completions } from './completions';
import type { LoadReport, LoadRun, LoadTarget } from './contracts';
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

  async function post(url: string, headers: Record<string, string>, body: unknown): Promise<void> {
    const answer = await request(url, {
      dispatcher,
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300)
      throw new Error(`${url} answered ${answer.statusCode}: ${text.slice(0, 300)}`);
  }

  /** One whole payment, as merchant and customer. */
  async function pay(
    { startUrl, headers, body, pay: customer }: LoadTarget,
    orderId: string,
  ): Promise<Payment> {
    const finished = completions.finished(orderId);
    finished.catch(() => undefined);
    await post(startUrl, headers, { ...body, orderId });
    const answeredAt = performance.now();
    if (customer) await post(customer.url, {}, { orderId, webhookUrl: customer.webhookUrl });
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
    const payAt = async (startedAt: number): Promise<void> => {
      answers.push({ startedAt, payment: await pay(target, nextOrder()) });
    };

    if (shape.kind === 'closed') {
      const from = performance.now() + shape.warmUpMs;
      const until = from + shape.measureMs;
      const customer = async (): Promise<void> => {
        while (performance.now() < until) await payAt(performance.now()).catch(fail);
      };
      await Promise.all(Array.from({ length: shape.concurrency }, customer));
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

    const { seed, ratePerSecond, from, count } = shape.schedule;
    const underway: Promise<void>[] = [];
    for (const afterMs of poissonSlice(seed, ratePerSecond, from, count)) {
      const intendedAt = begin + afterMs;
      // Waits are rounded up to whole milliseconds; what that costs is in every arm's figure alike.
      const early = intendedAt - performance.now();
      if (early > 0) await sleep(early);
      underway.push(payAt(intendedAt).catch(fail));
    }
    await Promise.all(underway);
    return report(performance.now() - begin, answers);
  };
}
