import type { IncomingHttpHeaders } from 'node:http';
import { Agent, type buildConnector, type Dispatcher } from 'undici';
import type { Deadline, Exchanged } from './deadline';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Scheme, host and port. */
  origin: string;
  /** Path and query, as it is sent (and perhaps signed). */
  path: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
  /** Where an answer may be larger than answers are: a file. */
  answerBytesMax?: number;
  /** Reading them costs; most providers say nothing in them. */
  wantsHeaders?: boolean;
}

export type HttpExchange =
  | { kind: 'answered'; status: number; body: string; headers?: Readonly<Record<string, string>> }
  /** Not a byte of the request was written: no connection, no certificate to trust, no time left. */
  | { kind: 'not_sent'; reason: 'refused' | 'tls'; message: string }
  /** It may have been carried out: no answer, half an answer, or one too large to read. */
  | { kind: 'in_doubt'; reason: 'timeout' | 'lost' | 'too_large'; message: string };

export interface HttpClient {
  /** Always settles, and no later than the deadline. */
  exchange(request: HttpRequest, deadline: Deadline): Promise<HttpExchange>;
  close(): Promise<void>;
}

export interface HttpClientOptions {
  connectionsPerOriginMax: number;
  connectTimeoutMs: number;
  answerBytesMax: number;
  /** Instead of the usual one: judges the addresses it connects to. */
  connector?: buildConnector.connector;
}

/**
 * One bounded exchange over kept-alive connections, one pool for each origin. The deadline is that of the whole
 * exchange, the answer's last byte included, so undici's own timers are off. Redirects are not followed.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const agent = new Agent({
    connections: options.connectionsPerOriginMax,
    pipelining: 1,
    keepAliveTimeout: 4_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: options.connector ?? { timeout: options.connectTimeoutMs },
  });

  return {
    exchange: (request, deadline) =>
      new Promise((resolve) => {
        const exchanged: Exchanged = { request };
        deadline.exchanged = exchanged;
        const bytesMax = request.answerBytesMax ?? options.answerBytesMax;
        const receiver = new Receiver(bytesMax, deadline, resolve, exchanged);
        try {
          agent.dispatch(request, receiver);
        } catch (error) {
          receiver.onResponseError(undefined, error);
        }
      }),

    close: () => agent.destroy(),
  };
}

/** Answers before the answer (`103 Early Hints`): no provider has use for more. */
const provisionalAnswersMax = 20;

/** Takes one answer in, below undici's streams: they cost as much as the rest of a local exchange. */
class Receiver implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined;
  private settled = false;
  private status = 0;
  private headers: Record<string, string> | undefined;
  private provisionalAnswers = 0;
  private bytes = 0;
  private readonly chunks: Buffer[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly answerBytesMax: number,
    deadline: Deadline,
    private readonly resolve: (exchange: HttpExchange) => void,
    private readonly exchanged: Exchanged,
  ) {
    this.timer = setTimeout(() => this.timeOut(), deadline.remainingMs());
  }

  /** undici calls this just before it writes: without it, nothing was sent. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.settled) return controller.abort(new Error('too late to send'));
    this.controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    // Also called for 1xx, so the last one counts.
    this.status = status;
    if (status < 200) {
      this.provisionalAnswers += 1;
      if (this.provisionalAnswers > provisionalAnswersMax) return this.tooLarge();
    }
    if (this.exchanged.request.wantsHeaders) this.headers = firstOfEach(headers);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.settled) return;
    this.bytes += chunk.length;
    if (this.bytes > this.answerBytesMax) return this.tooLarge();
    this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    const body = this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks);
    this.settle({
      kind: 'answered',
      status: this.status,
      body: body.toString('utf8'),
      ...(this.headers === undefined ? {} : { headers: this.headers }),
    });
  }

  onResponseError(_controller: unknown, error: unknown): void {
    const { code, message } = describe(error);
    if (this.controller !== undefined) return this.settle({ kind: 'in_doubt', reason: 'lost', message });
    this.settle({ kind: 'not_sent', reason: isAboutTls(code) ? 'tls' : 'refused', message });
  }

  private tooLarge(): void {
    this.giveUp({ kind: 'in_doubt', reason: 'too_large', message: 'the answer is too large' });
  }

  private timeOut(): void {
    this.giveUp(
      this.controller === undefined
        ? { kind: 'not_sent', reason: 'refused', message: 'no connection in time' }
        : { kind: 'in_doubt', reason: 'timeout', message: 'no complete answer in time' },
    );
  }

  private giveUp(exchange: HttpExchange): void {
    this.settle(exchange);
    this.controller?.abort(new Error('given up'));
  }

  private settle(exchange: HttpExchange): void {
    if (this.settled) return;
    this.settled = true;
    clearTimeout(this.timer);
    this.exchanged.answer = exchange;
    this.resolve(exchange);
  }
}

function firstOfEach(headers: IncomingHttpHeaders): Record<string, string> {
  const first: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const text = Array.isArray(value) ? value[0] : value;
    if (text !== undefined) first[name.toLowerCase()] = text;
  }
  return first;
}

function isAboutTls(code: string): boolean {
  return /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|EPROTO)/.test(code);
}

/** By shape, not by class: errors also come from other realms, where `instanceof Error` is false. */
function describe(error: unknown): { code: string; message: string } {
  if (typeof error !== 'object' || error === null) return { code: '', message: String(error) };
  const {
    code = '',
    message = '',
    errors,
  } = error as { code?: string; message?: string; errors?: unknown[] };
  // Several addresses tried at once fail as one AggregateError without a message.
  const first = message === '' ? errors?.[0] : undefined;
  if (first !== undefined) return describe(first);
  return { code, message: code === '' || message.includes(code) ? message : `${code}: ${message}` };
}
