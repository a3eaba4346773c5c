import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFaults, type Fault, type FaultSpec } from '../parts/faults';
import { json, refusal, write } from '../parts/http-answers';
import { openJournal } from '../parts/journal';
import { answerRoot } from '../parts/root';
import { createWebhookSender } from '../parts/webhook-sender';
import { tpaySandboxAccount, type TpayAccount } from './account';
import { createBook } from './book';
import { createCashier } from './cashier';
import { answerControl, bookEntry, type BookEntry } from './control-api';
import { serveGateway } from './gateway';
import { createSignatureCheck } from './gateway-signature';
import { tradeSchema } from './trade';
import { answerWallet } from './wallet';
import { tpayDelivery } from './webhook-delivery';

export interface TpaySandboxOptions {
  host?: string;
  /** 0, the default, takes any free port. */
  port?: number;
  /** How phones reach the wallet's page; the listening address if left out. */
  publicUrl?: string;
  /** The book's file; in memory if left out. */
  stateFile?: string;
  seed?: string;
  autopay?: boolean;
  refundMs?: number;
  webhookRetryFirstMs?: number;
  tradesMax?: number;
  account?: TpayAccount;
  now?: () => number;
}

export interface TpaySandbox {
  readonly url: string;
  readonly account: TpayAccount;
  addFault(spec: FaultSpec): Fault;
  clearFaults(): void;
  find(reference: string): BookEntry | undefined;
  book(): BookEntry[];
  close(): Promise<void>;
}

const expirySweepMs = 250;

/** A TPay of one's own, on the wire as docs/channels/tpay.md says. */
export async function startTpaySandbox(options: TpaySandboxOptions = {}): Promise<TpaySandbox> {
  const now = options.now ?? Date.now;
  const account = options.account ?? tpaySandboxAccount;
  const seed = options.seed ?? '1';
  const journal = openJournal(options.stateFile, tradeSchema);
  const faults = createFaults(seed);
  let url = '';
  const publicUrl = () => options.publicUrl ?? url;

  const book = createBook({
    trades: journal.orders,
    now,
    seed,
    tradesMax: options.tradesMax ?? 100_000,
    onChange: (trade) => journal.append({ order: trade }),
  });
  const sender = createWebhookSender({
    ...tpayDelivery(account),
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
    publicUrl,
    autopay: options.autopay ?? false,
    refundMs: options.refundMs ?? 1_000,
    send(event) {
      journal.append({ event });
      sender.send(event);
    },
  });
  const checkSignature = createSignatureCheck(account, now);

  const server = http.createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      // The client went away, or the sandbox has a bug: either way this one answer is all that is lost.
      if (!response.headersSent) write(response, refusal(500, 'internal_error', String(error)));
      else response.destroy();
    });
  });

  async function serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const target = new URL(request.url ?? '/', 'http://sandbox');
    if (target.pathname.startsWith('/gateway/')) {
      return serveGateway(
        { book, cashier, faults, checkSignature, now, publicUrl },
        request,
        response,
        target,
      );
    }
    const answer =
      answerWallet({ book, cashier }, request, target) ??
      (await answerControl({ book, faults, sender }, request, target));
    write(response, answer ?? answerRoot(target, 'TPay', 'tpay') ?? json(404, { message: 'no such path' }));
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
    clearFaults: () => faults.clear(),
    find(reference) {
      const trade = book.find(reference);
      return trade && bookEntry(trade);
    },
    book: () => Array.from(book.trades(), bookEntry),
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
