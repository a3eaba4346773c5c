import { createHmac } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerFaults } from '../parts/fault-controls';
import { createFaults, type Fault, type FaultSpec } from '../parts/faults';
import { json, refusal, write } from '../parts/http-answers';
import { createWebhookSender } from '../parts/webhook-sender';
import { stripeSandboxAccount, type StripeAccount } from './account';
import { serveApi } from './api';
import { createBook } from './book';
import { createIdempotency } from './idempotency';
import { refunded, type Intent } from './objects';
import { createTeller } from './teller';

export interface StripeSandboxOptions {
  host?: string;
  /** 0, the default, takes any free port. */
  port?: number;
  /** The account's webhook endpoint, as one sets it in Stripe's dashboard. */
  webhookUrl?: string;
  seed?: string;
  webhookRetryFirstMs?: number;
  account?: StripeAccount;
  now?: () => number;
}

export interface StripeSandbox {
  readonly url: string;
  readonly account: StripeAccount;
  addFault(spec: FaultSpec): Fault;
  clearFaults(): void;
  find(reference: string): BookEntry | undefined;
  book(): BookEntry[];
  close(): Promise<void>;
}

/** One intent as the fault tests compare it with what the platform believes; amounts in Stripe's units. */
export interface BookEntry {
  reference: string;
  order_id: string;
  status: Intent['status'];
  amount: number;
  currency: string;
  charges: number;
  charged_amount: number;
  refunded_amount: number;
  captures: { key: string; amount: number; effects: number }[];
  refunds: { refund_no: string; amount: number; status: string; effects: number }[];
}

function bookEntry(intent: Intent): BookEntry {
  return {
    reference: intent.metadata['durapay_reference'] ?? '',
    order_id: intent.id,
    status: intent.status,
    amount: intent.amount,
    currency: intent.currency,
    charges: intent.charges,
    charged_amount: intent.amountReceived,
    refunded_amount: refunded(intent),
    captures: intent.captures.map(({ key, amount, effects }) => ({ key, amount, effects })),
    refunds: intent.refunds.map(({ key, amount, status, effects }) => ({
      refund_no: key,
      amount,
      status,
      effects,
    })),
  };
}

/** A Stripe of one's own, on the wire as its API is, for the endpoints that Durapay uses. */
export async function startStripeSandbox(options: StripeSandboxOptions = {}): Promise<StripeSandbox> {
  const now = options.now ?? Date.now;
  const account = options.account ?? stripeSandboxAccount;
  const faults = createFaults(options.seed ?? '1');
  const book = createBook(now);
  const sender = createWebhookSender({
    faults,
    now,
    retryFirstMs: options.webhookRetryFirstMs ?? 10_000,
    onSettled: () => undefined,
    headers(body, at) {
      const timestamp = Math.floor(at / 1_000);
      const mac = createHmac('sha256', account.webhookSecret).update(`${timestamp}.${body}`).digest('hex');
      return { 'stripe-signature': `t=${timestamp},v1=${mac}` };
    },
    isTaken: (status) => status >= 200 && status < 300,
  });
  const teller = createTeller({
    book,
    faults,
    now,
    webhookUrl: () => options.webhookUrl,
    send: (event) => sender.send(event),
  });
  const idempotency = createIdempotency();

  const server = http.createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      // The client went away, or the sandbox has a bug: either way this one answer is all that is lost.
      if (!response.headersSent) write(response, refusal(500, 'internal_error', String(error)));
      else response.destroy();
    });
  });

  async function serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const target = new URL(request.url ?? '/', 'http://sandbox');
    if (target.pathname.startsWith('/v1/')) {
      return serveApi({ account, book, teller, faults, idempotency }, request, response, target);
    }
    if (target.pathname === '/healthz') return write(response, json(200, { status: 'ok' }));
    if (target.pathname === '/sandbox/book') return write(response, json(200, openBook(target)));
    write(response, (await answerFaults(faults, request, target)) ?? json(404, { message: 'no such path' }));
  }

  function openBook(target: URL) {
    const reference = target.searchParams.get('reference');
    const orders = book.newestFirst().slice(0, 10_000).map(bookEntry);
    const wanted = reference === null ? orders : orders.filter((entry) => entry.reference === reference);
    return { orders: wanted, webhooks: { pending: sender.pending, dropped: sender.dropped } };
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
  });
  const { address, port, family } = server.address() as AddressInfo;

  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    account,
    addFault: (spec) => faults.add(spec),
    clearFaults: () => faults.clear(),
    find: (reference) =>
      book
        .newestFirst()
        .map(bookEntry)
        .find((entry) => entry.reference === reference),
    book: () => book.newestFirst().map(bookEntry),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await sender.stop();
    },
  };
}
