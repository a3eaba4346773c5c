import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { Begun } from './seconds';

const goodWithinMs = 5_000;
const answerWithinMs = 20_000;

interface Payment {
  id: string;
  status: string;
  nextAction: { url?: string } | null;
}

/** A shop that starts payments at a steady rate, whatever becomes of those before, and whose customers pay. */
export function openShop(where: { api: string; apiKey: string }) {
  const dispatcher = new Agent({ connections: 256 });
  const begun: Begun[] = [];
  const customers: Promise<void>[] = [];
  let isOpen = true;

  async function call(method: 'GET' | 'POST', url: string, body?: object): Promise<Payment | undefined> {
    try {
      const answer = await request(url, {
        dispatcher,
        method,
        headers: {
          ...(url.startsWith(where.api) && { authorization: `Bearer ${where.apiKey}` }),
          accept: 'application/json',
          'content-type': 'application/json',
        },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(answerWithinMs),
      });
      const text = await answer.body.text();
      return answer.statusCode < 300 ? (JSON.parse(text) as Payment) : undefined;
    } catch {
      return undefined;
    }
  }

  async function order(orderId: string): Promise<void> {
    const seen: Begun = { orderId, startedAtMs: Date.now(), isGood: false };
    begun.push(seen);
    const body = { orderId, amount: '12.34', currency: 'USD', description: 'tea' };
    let payment = await call('POST', `${where.api}/payments`, body);
    seen.isGood = payment?.nextAction?.url !== undefined && Date.now() - seen.startedAtMs <= goodWithinMs;
    // Whoever was not served at once comes back and pays too: what is charged twice would show here.
    for (let pauseMs = 500; payment?.nextAction?.url === undefined; pauseMs = Math.min(pauseMs * 2, 4_000)) {
      if (Date.now() - seen.startedAtMs > 90_000) return;
      await sleep(pauseMs);
      payment = await call('GET', `${where.api}/payments/${orderId}`);
    }
    seen.paymentId = payment.id;
    await call('POST', `${payment.nextAction.url}/pay`);
  }

  return {
    begun,
    async serve(perSecond: number, prefix: string): Promise<void> {
      const from = Date.now();
      for (let number = 0; isOpen; number += 1) {
        const waitMs = from + (number * 1_000) / perSecond - Date.now();
        if (waitMs > 0) await sleep(waitMs);
        customers.push(order(`${prefix}-${number}`));
      }
    },
    close() {
      isOpen = false;
    },
    async end(): Promise<void> {
      await Promise.all(customers);
      await dispatcher.close();
    },
    read: (orderId: string) => call('GET', `${where.api}/payments/${orderId}`),
  };
}
