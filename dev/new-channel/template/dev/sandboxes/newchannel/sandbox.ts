import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFaults, type Fault, type FaultSpec } from '../../../../../sandboxes/parts/faults';
import { refusal, write } from '../../../../../sandboxes/parts/http-answers';
import { openJournal } from '../../../../../sandboxes/parts/journal';
import { answerRoot } from '../../../../../sandboxes/parts/root';
import { createWebhookSender } from '../../../../../sandboxes/parts/webhook-sender';
import { newchannelSandboxAccount, type NewchannelAccount } from './account';
import { createBook } from './book';
import { createCashier } from './cashier';
import { answerControl, bookEntry, type BookEntry } from './control-api';
import { answerCustomer } from './customer';
import { serveMerchant } from './merchant-api';
import { orderSchema } from './order';
import { isTaken, signEvent } from './words';

export interface NewchannelSandboxOptions {
  host?: string;
  /** 0, the default, takes any free port. */
  port?: number;
  /** How customers reach it; the listening address if left out. */
  publicUrl?: string;
  /** The book's file; in memory if left out. */
  stateFile?: string;
  seed?: string;
  autopay?: boolean;
  refundMs?: number;
  webhookRetryFirstMs?: number;
  ordersMax?: number;
  account?: NewchannelAccount;
  now?: () => number;
}

export interface NewchannelSandbox {
  readonly url: string;
  readonly account: NewchannelAccount;
  addFault(spec: FaultSpec): Fault;
  find(reference: string): BookEntry | undefined;
  book(): BookEntry[];
  close(): Promise<void>;
}

const expirySweepMs = 250;

/** A NewChannel of one's own, on the wire as docs/channels/newchannel.md says. */
export async function startNewchannelSandbox(
  options: NewchannelSandboxOptions = {},
): Promise<NewchannelSandbox> {
  const now = options.now ?? Date.now;
  const account = options.account ?? newchannelSandboxAccount;
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
    headers: (body, at) => signEvent(body, at, account),
    isTaken,
    faults,
    now,
    retryFirstMs: options.webhookRetryFirstMs ?? 15_000,
    onSettled: (event) => journal.append({ settled: event.id }),
  });
  const cashier = createCashier({
    book,
    faults,
    now,
    autopay: options.autopay ?? false,
    refundMs: options.refundMs ?? 1_000,
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
    const answer =
      answerCustomer({ book, cashier }, request, target) ??
      (await answerControl({ book, faults }, request, target)) ??
      answerRoot(target, 'NewChannel', 'newchannel');
    if (answer !== undefined) return write(response, answer);
    await serveMerchant({ account, book, cashier, faults, now, publicUrl }, request, response);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
  });
  const { address, port, family } = server.address() as AddressInfo;
  url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  const sweep = setInterval(() => cashier.expire(), expirySweepMs);
  for (const event of journal.unsettledEvents) sender.send(event);
  cashier.resume();

  return {
    url,
    account,
    addFault: (spec) => faults.add(spec),
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
