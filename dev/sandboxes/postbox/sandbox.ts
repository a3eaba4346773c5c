import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFaults, type Fault, type FaultSpec } from '../parts/faults';
import { json, refusal, write } from '../parts/http-answers';
import { openJournal } from '../parts/journal';
import { postboxAccounts, type PostboxAccounts } from './account';
import { serveAliyun } from './aliyun-api';
import { createSignatureCheck } from './aliyun-signature';
import { createBook } from './book';
import { answerControl } from './control-api';
import { createCourier } from './courier';
import type { PostboxDependencies } from './dependencies';
import { answerInbox, entryOf, type InboxEntry } from './inbox-page';
import { letterSchema } from './letter';
import { serveSendgrid } from './sendgrid-api';
import { serveTwilio } from './twilio-api';

export interface PostboxOptions {
  host?: string;
  /** 0, the default, takes any free port. */
  port?: number;
  /** The book's file; in memory if left out. */
  stateFile?: string;
  seed?: string;
  /** How long a message is under way. */
  deliverMs?: number;
  webhookRetryFirstMs?: number;
  lettersMax?: number;
  now?: () => number;
}

export interface Postbox {
  readonly url: string;
  readonly accounts: PostboxAccounts;
  addFault(spec: FaultSpec): Fault;
  clearFaults(): void;
  /** Where an account's events go. */
  setWebhook(account: string, url: string): void;
  /** Newest first. */
  inbox(): InboxEntry[];
  close(): Promise<void>;
}

/** SendGrid, Twilio and Alibaba Cloud's SMS in one, on the wire as docs/messaging.md says, and one inbox for all. */
export async function startPostbox(options: PostboxOptions = {}): Promise<Postbox> {
  const now = options.now ?? Date.now;
  const accounts = postboxAccounts;
  const journal = openJournal(options.stateFile, letterSchema);
  const faults = createFaults(options.seed ?? '1');
  const book = createBook({
    letters: journal.orders,
    now,
    lettersMax: options.lettersMax ?? 10_000,
    onChange: (letter) => journal.append({ order: letter }),
  });
  const courier = createCourier({
    accounts,
    book,
    faults,
    now,
    deliverMs: options.deliverMs ?? 500,
    retryFirstMs: options.webhookRetryFirstMs ?? 15_000,
    onEvent: (event) => journal.append({ event }),
    onSettled: (event) => journal.append({ settled: event.id }),
  });
  const webhooks = new Map<string, string>();
  let taken = now();
  const deps: PostboxDependencies = {
    accounts,
    book,
    courier,
    faults,
    webhooks,
    now,
    nextNo: () => (taken += 1),
  };
  const checkSignature = createSignatureCheck(accounts, now);

  const server = http.createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      // The client went away, or the sandbox has a bug: either way this one answer is all that is lost.
      if (!response.headersSent) write(response, refusal(500, 'internal_error', String(error)));
      else response.destroy();
    });
  });

  async function serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const target = new URL(request.url ?? '/', 'http://postbox');
    if (target.pathname.startsWith('/v3/')) return serveSendgrid(deps, request, response, target);
    if (target.pathname.startsWith('/2010-04-01/')) return serveTwilio(deps, request, response, target);
    if (request.headers['x-acs-action'] !== undefined) {
      return serveAliyun({ ...deps, checkSignature }, request, response, target);
    }
    const answer =
      (request.method === 'GET' ? answerInbox(book, target) : undefined) ??
      (await answerControl(deps, request, target));
    write(response, answer ?? json(404, { message: 'no such path' }));
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
  });
  const { address, port, family } = server.address() as AddressInfo;
  courier.resume(journal.unsettledEvents);

  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    accounts,
    addFault: (spec) => faults.add(spec),
    clearFaults: () => faults.clear(),
    setWebhook: (account, url) => void webhooks.set(account, url),
    inbox: () => book.newestFirst().map(entryOf),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await courier.stop();
      journal.close();
    },
  };
}
