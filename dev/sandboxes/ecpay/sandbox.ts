import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFaults, type Fault, type FaultSpec } from '../parts/faults';
import { json, refusal, write } from '../parts/http-answers';
import { openJournal } from '../parts/journal';
import { answerRoot } from '../parts/root';
import { createWebhookSender } from '../parts/webhook-sender';
import { ecpaySandboxAccount, type EcpayAccount } from './account';
import { createBook } from './book';
import { createCashier } from './cashier';
import { answerCashier, serveCheckout } from './checkout';
import { answerControl, bookEntry, type BookEntry } from './control-api';
import { orderSchema, taipeiTime } from './order';
import { serveService } from './services';

export interface EcpaySandboxOptions {
  host?: string;
  /** 0, the default, takes any free port. */
  port?: number;
  /** The book's file; in memory if left out. */
  stateFile?: string;
  seed?: string;
  autopay?: boolean;
  /** Whether the account closes what is authorised by itself every evening; it does, unless this says no. */
  closesDaily?: boolean;
  webhookRetryFirstMs?: number;
  ordersMax?: number;
  account?: EcpayAccount;
  now?: () => number;
}

export interface EcpaySandbox {
  readonly url: string;
  readonly account: EcpayAccount;
  addFault(spec: FaultSpec): Fault;
  clearFaults(): void;
  find(reference: string): BookEntry | undefined;
  book(): BookEntry[];
  closeDay(): void;
  close(): Promise<void>;
}

const clockMs = 1_000;
const closingTime = '20:15:00';

/** An ECPay of one's own, on the wire as docs/channels/ecpay.md says. */
export async function startEcpaySandbox(options: EcpaySandboxOptions = {}): Promise<EcpaySandbox> {
  const now = options.now ?? Date.now;
  const account = options.account ?? ecpaySandboxAccount;
  const seed = options.seed ?? '1';
  const journal = openJournal(options.stateFile, orderSchema);
  const faults = createFaults(seed);

  const book = createBook({
    orders: journal.orders,
    now,
    seed,
    closesDaily: options.closesDaily ?? true,
    ordersMax: options.ordersMax ?? 100_000,
    onChange: (order) => journal.append({ order }),
  });
  const sender = createWebhookSender({
    // ECPay takes nothing but these four characters for an answer, and gives up after five tries.
    headers: () => ({ 'content-type': 'application/x-www-form-urlencoded' }),
    isTaken: (status, answer) => status === 200 && answer === '1|OK',
    triesMax: 5,
    faults,
    now,
    retryFirstMs: options.webhookRetryFirstMs ?? 15_000,
    onSettled: (event) => journal.append({ settled: event.id }),
  });
  const cashier = createCashier({
    account,
    book,
    faults,
    now,
    autopay: options.autopay ?? false,
    send(event) {
      journal.append({ event });
      sender.send(event);
    },
  });

  const server = http.createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      // The client went away, or the sandbox has a bug: either way this one answer is all that is lost.
      if (!response.headersSent) write(response, refusal(500, 'internal_error', String(error)));
      else response.destroy();
    });
  });

  async function serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const target = new URL(request.url ?? '/', 'http://sandbox');
    if (target.pathname === '/Cashier/AioCheckOut/V5' && request.method === 'POST') {
      return serveCheckout({ account, book, cashier, faults, now }, request, response);
    }
    if (await serveService({ account, book, faults, now }, request, response, target.pathname)) return;
    const answer =
      answerCashier({ book, cashier }, request, target) ??
      (await answerControl({ book, cashier, faults, sender }, request, target));
    write(response, answer ?? answerRoot(target, 'ECPay', 'ecpay') ?? json(404, { message: 'no such path' }));
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
  });
  const { address, port, family } = server.address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  let wasEvening = isEvening(now());
  const clock = setInterval(() => {
    const evening = isEvening(now());
    if (evening && !wasEvening) book.closeDay();
    wasEvening = evening;
  }, clockMs);
  for (const event of journal.unsettledEvents) sender.send(event);

  return {
    url,
    account,
    addFault: (spec) => faults.add(spec),
    clearFaults: () => faults.clear(),
    find(reference) {
      const order = book.findByReference(reference);
      return order && bookEntry(order);
    },
    book: () => Array.from(book.orders(), bookEntry),
    closeDay: () => book.closeDay(),
    async close() {
      clearInterval(clock);
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await sender.stop();
      journal.close();
    },
  };
}

function isEvening(ms: number): boolean {
  return taipeiTime(ms).slice(11) >= closingTime;
}
