import { Agent, request, type Dispatcher } from 'undici';
import { createAddressRules } from './address-rules';
import { createGuardedConnector, ForbiddenAddressError, type ResolveAll } from './guarded-connector';

export interface CallbackRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Gives up at once, for instance when the process stops. */
  signal?: AbortSignal;
}

/** What became of one try. Everything but `delivered` is tried again. */
export type CallbackOutcome =
  | { kind: 'delivered'; code: number; answer: string }
  | { kind: 'refused'; code: number; answer: string }
  | { kind: 'unreachable'; reason: string }
  | { kind: 'forbidden_address'; reason: string };

export interface CallbackDelivery {
  /** Never throws. */
  deliver(callback: CallbackRequest): Promise<CallbackOutcome>;
  close(): Promise<void>;
}

const answerBytesMax = 1_024;
/** The status decides; the rest of the answer only explains, so nobody waits long for it. */
const answerWaitMsMax = 1_000;
/** Answers before the answer (`103 Early Hints`). */
const hintsMax = 20;

export function createCallbackDelivery(options: {
  timeoutMs: number;
  privateRangesAllowed: readonly string[];
  /** Stands in for DNS where a test needs a name that lies. */
  resolve?: ResolveAll;
}): CallbackDelivery {
  const agent = new Agent({
    connect: createGuardedConnector({
      rules: createAddressRules(options.privateRangesAllowed),
      subject: 'Callbacks',
      connectTimeoutMs: options.timeoutMs,
      resolve: options.resolve,
    }),
    pipelining: 1,
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 30_000,
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
  });

  return {
    async deliver({ url, headers, body, signal }) {
      const ending = new AbortController();
      const end = (reason: string) => ending.abort(reason);
      const stop = () => end('stopped');
      const timer = setTimeout(end, options.timeoutMs, 'timeout');
      signal?.addEventListener('abort', stop, { once: true });
      let hints = 0;
      try {
        if (signal?.aborted === true) return { kind: 'unreachable', reason: 'stopped' };
        // Redirects are not followed: they would lead to an address that nobody signed up for.
        const response = await request(url, {
          dispatcher: agent,
          method: 'POST',
          headers: { 'user-agent': 'Durapay', 'content-type': 'application/json; charset=utf-8', ...headers },
          body,
          signal: ending.signal,
          onInfo() {
            hints += 1;
            if (hints > hintsMax) end('no answer');
          },
        });
        const code = response.statusCode;
        const answer = await firstBytes(response.body);
        return { kind: code >= 200 && code < 300 ? 'delivered' : 'refused', code, answer };
      } catch (error) {
        if (error instanceof ForbiddenAddressError)
          return { kind: 'forbidden_address', reason: error.message };
        const isEnded = ending.signal.aborted;
        return { kind: 'unreachable', reason: isEnded ? String(ending.signal.reason) : reasonOf(error) };
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
      }
    },
    close: () => agent.destroy(),
  };
}

/** The beginning of the answer; the connection is closed on whoever sends more or dawdles. */
async function firstBytes(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const timer = setTimeout(() => body.destroy(), answerWaitMsMax);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > answerBytesMax) break;
    }
  } catch {
    // Cut off in the middle: what has come is what there is to show.
  } finally {
    clearTimeout(timer);
    body.on('error', () => undefined).destroy();
  }
  // PostgreSQL's text holds no NUL.
  return Buffer.concat(chunks).subarray(0, answerBytesMax).toString('utf8').replaceAll('\0', '\u{FFFD}');
}

/** Short and stable, for the list that merchants read. */
function reasonOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
    case 'ETIMEDOUT':
      return 'timeout';
    case 'ECONNREFUSED':
      return 'connection refused';
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return 'connection closed';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'name not found';
    case 'ERR_INVALID_URL':
    case 'UND_ERR_INVALID_ARG':
      return 'bad address';
    default:
      return code === '' ? 'no answer' : code;
  }
}
