import { Agent, type Dispatcher } from 'undici';
import type { Faults } from './faults';
import type { WebhookEvent } from './journal';

export interface WebhookSender {
  send(event: WebhookEvent): void;
  readonly pending: number;
  readonly dropped: number;
  stop(): Promise<void>;
}

/** How one provider signs a delivery, and what it takes for "received". */
export interface WebhookDelivery {
  headers(body: string, at: number, url: string): Record<string, string>;
  isTaken(status: number, answer: string): boolean;
}

export interface WebhookSenderOptions extends WebhookDelivery {
  faults: Faults;
  now: () => number;
  retryFirstMs: number;
  /** For providers that give up after so many. */
  triesMax?: number;
  /** Delivered, lost on purpose, or given up. */
  onSettled: (event: WebhookEvent) => void;
}

const inFlightMax = 64;
const pendingMax = 50_000;
const answerLengthMax = 1_024;
const answerWithinMs = 10_000;
const retryMsMax = 3_600_000;
const retryForMs = 86_400_000;

interface Delivery {
  event: WebhookEvent;
  tryNo: number;
  /** The one to be sent once this one was tried: how a reordered batch keeps its order. */
  next?: Delivery;
}

/** At least once, with exponential back-off, and as badly as the faults ask for. */
export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const agent = new Agent({ connections: inFlightMax, headersTimeout: 0, bodyTimeout: 0 });
  const timers = new Set<NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  let ready: Delivery[] = [];
  let held: WebhookEvent[] = [];
  let dropped = 0;
  let stopped = false;

  return {
    send,
    get pending() {
      return ready.length + running.size + timers.size + held.length;
    },
    get dropped() {
      return dropped;
    },
    async stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      await agent.destroy();
      await Promise.allSettled(running);
    },
  };

  function send(event: WebhookEvent): void {
    const target = { reference: event.orderNo };
    if (options.faults.strike('webhook_lost', target)) return options.onSettled(event);
    if (ready.length + timers.size >= pendingMax) {
      dropped += 1;
      return options.onSettled(event);
    }
    const reordered = options.faults.strike('webhook_reordered', target);
    if (reordered) return hold(event, reordered.times ?? 2, reordered.ms ?? 5_000);
    const duplicated = options.faults.strike('webhook_duplicated', target);
    const copies = duplicated ? 1 + (duplicated.times ?? 1) : 1;
    const delayed = options.faults.strike('webhook_delayed', target);
    for (let copy = 0; copy < copies; copy += 1) {
      if (delayed) after(delayed.ms ?? 1_000, () => enqueue({ event, tryNo: 1 }));
      else enqueue({ event, tryNo: 1 });
    }
  }

  /** Nobody waits for ever for a batch that never fills. */
  function hold(event: WebhookEvent, size: number, msMax: number): void {
    held.push(event);
    if (held.length >= size) return release();
    if (held.length === 1) after(msMax, release);
  }

  function release(): void {
    const [last, ...earlier] = held.reverse().map((event): Delivery => ({ event, tryNo: 1 }));
    held = [];
    if (last === undefined) return;
    let tail = last;
    for (const delivery of earlier) {
      tail.next = delivery;
      tail = delivery;
    }
    enqueue(last);
  }

  function enqueue(delivery: Delivery): void {
    ready.push(delivery);
    pump();
  }

  function pump(): void {
    while (!stopped && running.size < inFlightMax) {
      const delivery = ready.shift();
      if (delivery === undefined) return;
      const run: Promise<void> = deliver(delivery).finally(() => {
        running.delete(run);
        if (delivery.next) ready = [delivery.next, ...ready];
        pump();
      });
      running.add(run);
    }
  }

  async function deliver({ event, tryNo }: Delivery): Promise<void> {
    if (await isTaken(event)) return options.onSettled(event);
    if (stopped) return;
    if (tryNo >= (options.triesMax ?? Number.POSITIVE_INFINITY)) return options.onSettled(event);
    const waitMs = Math.min(options.retryFirstMs * 2 ** (tryNo - 1), retryMsMax);
    if (options.now() + waitMs > event.createdAt + retryForMs) return options.onSettled(event);
    after(waitMs, () => enqueue({ event, tryNo: tryNo + 1 }));
  }

  async function isTaken(event: WebhookEvent): Promise<boolean> {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), answerWithinMs);
    try {
      const url = new URL(event.notifyUrl);
      const answer = await agent.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...options.headers(event.body, options.now(), event.notifyUrl),
        },
        body: event.body,
        signal: limit.signal,
      });
      return options.isTaken(answer.statusCode, await beginning(answer.body));
    } catch {
      return false;
    } finally {
      // Left alone it would go off for every delivery, however long that is over.
      clearTimeout(timer);
    }
  }

  function after(ms: number, action: () => void): void {
    if (stopped) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      action();
    }, ms);
    timer.unref();
    timers.add(timer);
  }
}

/** As much as an acknowledgement can be; the rest is not read. */
async function beginning(body: Dispatcher.ResponseData['body']): Promise<string> {
  let text = '';
  for await (const chunk of body as AsyncIterable<Buffer>) {
    text += chunk.toString('utf8');
    if (text.length > answerLengthMax) break;
  }
  return text;
}
