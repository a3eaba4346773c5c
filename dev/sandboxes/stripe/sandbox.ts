import { createHmac } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFaults, type Fault, type FaultSpec } from '../parts/faults';
import { json, refusal, write } from '../parts/http-answers';
import { answerRoot } from '../parts/root';
import { createWebhookSender } from '../parts/webhook-sender';
import { stripeSandboxAccount, type StripeAccount } from './account';
import { serveApi } from './api';
import { createBook } from './book';
import { bookEntry, type BookEntry } from './book-entry';
import { answerControl } from './control-api';
import { createCustomerBook, type Customer } from './customers';
import { createIdempotency } from './idempotency';
import { openKeeping } from './keeping';
import { answerPayPage } from './pay-page';
import { createTeller } from './teller';

export interface StripeSandboxOptions {
  host?: string;
  /** 0, the default, takes any free port. */
  port?: number;
  /** The account's webhook endpoint, as one sets it in Stripe's dashboard. */
  webhookUrl?: string;
  /** Where the book is kept; without it, it ends with the process. */
  stateFile?: string;
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
  customers(): Customer[];
  close(): Promise<void>;
}

/** A Stripe of one's own, on the wire as its API is, for the endpoints that Durapay uses. */
export async function startStripeSandbox(options: StripeSandboxOptions = {}): Promise<StripeSandbox> {
  const now = options.now ?? Date.now;
  const account = options.account ?? stripeSandboxAccount;
  const faults = createFaults(options.seed ?? '1');
  const { journal, ...kept } = openKeeping(options.stateFile);
  const book = createBook({
    intents: kept.intents,
    now,
    onChange: (intent) => journal.append({ order: { orderNo: intent.id, intent } }),
  });
  const customers = createCustomerBook({
    ...kept,
    now,
    onCustomer: (customer) => journal.append({ order: { orderNo: customer.id, customer } }),
    onMethod: (method) => journal.append({ order: { orderNo: method.id, method } }),
  });
  const sender = createWebhookSender({
    faults,
    now,
    retryFirstMs: options.webhookRetryFirstMs ?? 10_000,
    onSettled: (event) => journal.append({ settled: event.id }),
    headers(body, at) {
      const timestamp = Math.floor(at / 1_000);
      const mac = createHmac('sha256', account.webhookSecret).update(`${timestamp}.${body}`).digest('hex');
      return { 'stripe-signature': `t=${timestamp},v1=${mac}` };
    },
    isTaken: (status) => status >= 200 && status < 300,
  });
  const teller = createTeller({
    book,
    customers,
    faults,
    now,
    webhookUrl: () => options.webhookUrl,
    send(event) {
      journal.append({ event });
      sender.send(event);
    },
  });
  const api = { account, book, customers, teller, faults, now, idempotency: createIdempotency() };
  const control = { book, teller, faults, sender, now };

  const server = http.createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      // The client went away, or the sandbox has a bug: either way this one answer is all that is lost.
      if (!response.headersSent) write(response, refusal(500, 'internal_error', String(error)));
      else response.destroy();
    });
  });

  async function serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const target = new URL(request.url ?? '/', 'http://sandbox');
    if (target.pathname.startsWith('/v1/')) return serveApi(api, request, response, target);
    const answer =
      answerPayPage({ book, teller }, request, target) ?? (await answerControl(control, request, target));
    write(
      response,
      answer ?? answerRoot(target, 'Stripe', 'stripe') ?? json(404, { message: 'no such path' }),
    );
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
  });
  const { address, port, family } = server.address() as AddressInfo;
  for (const event of journal.unsettledEvents) sender.send(event);
  const entries = () => book.newestFirst().map(bookEntry);

  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    account,
    addFault: (spec) => faults.add(spec),
    clearFaults: () => faults.clear(),
    find: (reference) => entries().find((entry) => entry.reference === reference),
    book: entries,
    customers: () => customers.customers(),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await sender.stop();
      journal.close();
    },
  };
}
