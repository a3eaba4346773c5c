import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { kpaySandboxAccount, type KpayAccount } from './account';
import { createBook } from './book';
import { createCashier } from './cashier';
import { answerCheckout } from './checkout';
import { answerControl, bookEntry, type BookEntry } from './control-api';
import { createFaults, type Fault, type FaultSpec } from '../parts/faults';
import { json, refusal, write } from '../parts/http-answers';
import { openJournal } from '../parts/journal';
import { answerRoot } from '../parts/root';
import { serveMerchant } from './merchant-api';
import { createWebhookSender } from '../parts/webhook-sender';
import { orderSchema } from './order';
import { kpayDelivery } from './webhook-delivery';

export interface KpaySandboxOptions {
  host?: string;
  /** 0, the default, takes any free port. */
  port?: number;
  /** How browsers reach the checkout page; the listening address if left out. */
  publicUrl?: string;
  /** The book's file; in memory if left out. */
  stateFile?: string;
  seed?: string;
  autopay?: boolean;
  webhookRetryFirstMs?: number;
  ordersMax?: number;
  account?: KpayAccount;
  now?: () => number;
}

export interface KpaySandbox {
  readonly url: string;
  readonly account: KpayAccount;
  addFault(spec: FaultSpec): Fault;
  clearFaults(): void;
  find(reference: string): BookEntry | undefined;
  book(): BookEntry[];
  close(): Promise<void>;
}

const expirySweepMs = 250;

/** A KPay of one's own, on the wire as docs/channels/kpay.md says. */
export async function startKpaySandbox(options: KpaySandboxOptions = {}): Promise<KpaySandbox> {
  const now = options.now ?? Date.now;
  const account = options.account ?? kpaySandboxAccount;
  const seed = options.seed ?? '1';
  const journal = openJournal(options.stateFile, orderSchema);
  const faults = createFaults(seed);
  let url = '';
  const publicUrl = () => options.publicUrl ?? url;

  const book = createBook({
    orders: journal.orders,
    now,
    seed,
    ordersMax: options.ordersMax ?? 100_000,
    onChange: (order) => journal.append({ order }),
  });
  const sender = createWebhookSender({
    ...kpayDelivery(account),
    faults,
    now,
    retryFirstMs: options.webhookRetryFirstMs ?? 10_000,
    onSettled: (event) => journal.append({ settled: event.id }),
  });
  const cashier = createCashier({
    account,
    book,
    faults,
    now,
    publicUrl,
    autopay: options.autopay ?? false,
    send(event) {
      journal.append({ event });
      sender.send(event);
    },
  });
  const merchant = { account, book, cashier, faults, now, publicUrl };
  const control = { book, cashier, faults, sender, now };

  const server = http.createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      // The client went away, or the sandbox has a bug: either way this one answer is all that is lost.
      if (!response.headersSent) write(response, refusal(500, 'internal_error', String(error)));
      else response.destroy();
    });
  });

  async function serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const target = new URL(request.url ?? '/', 'http://sandbox');
    if (target.pathname.startsWith('/v1/')) return serveMerchant(merchant, request, response, target);
    const answer =
      answerCheckout({ book, cashier }, request, target) ?? (await answerControl(control, request, target));
    write(response, answer ?? answerRoot(target, 'KPay', 'kpay') ?? json(404, { message: 'no such path' }));
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
  });
  const { address, port, family } = server.address() as AddressInfo;
  url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  const sweep = setInterval(() => cashier.expire(), expirySweepMs);
  for (const event of journal.unsettledEvents) sender.send(event);

  return {
    url,
    account,
    addFault: (spec) => faults.add(spec),
    clearFaults: () => faults.clear(),
    find(reference) {
      const order = book.find(reference);
      return order && bookEntry(order);
    },
    book: () => Array.from(book.orders(), bookEntry),
    async close() {
      clearInterval(sweep);
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await sender.stop();
      journal.close();
    },
  };
}
