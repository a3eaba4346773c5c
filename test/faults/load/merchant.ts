import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { Acknowledged, Where } from './contracts';

export interface PaymentSeen {
  id: string;
  orderId: string;
  status: string;
  amount: string;
  currency: string;
  attempts: number;
  nextAction: { url?: string } | null;
}

export interface Reply {
  status: number;
  body: PaymentSeen & { error?: { code: string } };
}

const openStatuses = ['created', 'pending', 'processing', 'requires_action', 'authorized', 'unknown'];
const patienceMs = 60_000;
const answerWithinMs = 20_000;

export type Merchant = ReturnType<typeof createMerchant>;

/** A merchant who does what the documentation tells merchants to do: repeat the same request until it is answered. */
export function createMerchant(where: Where, problem: (text: string) => void) {
  const dispatcher = new Agent({ connections: 256, keepAliveTimeout: 5_000 });

  /** Undefined: no answer came, for whatever reason. */
  async function call(
    method: 'GET' | 'POST',
    url: string,
    options: { key?: string; body?: object; hangUpAfterMs?: number } = {},
  ): Promise<Reply | undefined> {
    try {
      const answer = await request(url, {
        dispatcher,
        method,
        headers: {
          accept: 'application/json',
          ...(options.body && { 'content-type': 'application/json' }),
          ...(options.key !== undefined && { authorization: `Bearer ${options.key}` }),
        },
        body: options.body && JSON.stringify(options.body),
        signal: AbortSignal.timeout(options.hangUpAfterMs ?? answerWithinMs),
      });
      const text = await answer.body.text();
      const leaked = where.secrets.find((secret) => text.includes(secret));
      if (leaked !== undefined) problem(`I10: ${method} ${url} was answered with a secret in it`);
      return { status: answer.statusCode, body: parse(text) };
    } catch {
      return undefined;
    }
  }

  /** Until an answer comes that means something, or patience ends. */
  async function insist(ask: () => Promise<Reply | undefined>): Promise<Reply | undefined> {
    const deadline = Date.now() + patienceMs;
    for (let pauseMs = 200; Date.now() < deadline; pauseMs = Math.min(pauseMs * 2, 1_000)) {
      const reply = await ask();
      if (reply !== undefined && reply.status < 500 && reply.status !== 429) return reply;
      await sleep(pauseMs);
    }
    return undefined;
  }

  const post = (path: string, body: object, hangUpAfterMs?: number) =>
    call('POST', `${where.api}${path}`, { key: where.apiKey, body, hangUpAfterMs });
  const get = (path: string, key = where.apiKey) => call('GET', `${where.api}${path}`, { key });

  return {
    call,
    post,
    insist,
    get,
    read: (id: string, key?: string) => insist(() => get(`/payments/${id}`, key)),

    /** The payment as soon as there is something for the customer to do, or nothing more to come. */
    async actionable(id: string, attempts = 1): Promise<PaymentSeen | undefined> {
      const deadline = Date.now() + patienceMs;
      while (Date.now() < deadline) {
        const reply = await get(`/payments/${id}`);
        if (reply?.status === 200) {
          const { status, nextAction, attempts: made } = reply.body;
          if (status === 'requires_action' && nextAction?.url !== undefined && made >= attempts)
            return reply.body;
          if (!openStatuses.includes(status)) return undefined;
        }
        await sleep(250);
      }
      return undefined;
    },

    /** The payment when it has ended, or as it is when patience ends. */
    async settled(id: string): Promise<PaymentSeen | undefined> {
      const deadline = Date.now() + patienceMs;
      for (;;) {
        const reply = await get(`/payments/${id}`);
        const isOpen = reply?.status !== 200 || openStatuses.includes(reply.body.status);
        if (!isOpen || Date.now() > deadline) return reply?.body;
        await sleep(250);
      }
    },

    /** The customer's hand on the checkout page; what the sandbox does is not in doubt, so it is asked once more. */
    async checkout(payment: PaymentSeen, button: 'pay' | 'decline'): Promise<boolean> {
      const reply = await insist(() => call('POST', `${payment.nextAction?.url}/${button}`));
      return reply?.status === 200;
    },

    async fault(spec: object): Promise<void> {
      const reply = await call('POST', `${where.kpay}/sandbox/faults`, { body: spec });
      if (reply?.status !== 201) problem(`the sandbox took no fault: ${reply?.status ?? 'no answer'}`);
    },

    close: () => dispatcher.destroy(),
  };
}

export function acknowledged({ body }: Reply): Acknowledged {
  return { orderId: body.orderId, paymentId: body.id, amount: body.amount, currency: body.currency };
}

function parse(text: string): Reply['body'] {
  try {
    return JSON.parse(text) as Reply['body'];
  } catch {
    return {} as Reply['body'];
  }
}
