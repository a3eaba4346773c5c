import { Agent, type Dispatcher } from 'undici';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Scheme, host and port. */
  origin: string;
  /** Path and query, as it is sent (and perhaps signed). */
  path: string;
  headers: Record<string, string>;
  body?: string;
}

export type HttpExchange =
  | { kind: 'answered'; status: number; body: string }
  /** The request never left this process, or nobody took it. */
  | { kind: 'not_sent'; reason: 'refused' | 'tls'; message: string }
  /** It may have been carried out: no answer, half an answer, or one too large to read. */
  | { kind: 'in_doubt'; reason: 'timeout' | 'lost' | 'too_large'; message: string };

export interface HttpClient {
  exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpExchange>;
  close(): Promise<void>;
}

export interface HttpClientOptions {
  connectionsPerOriginMax: number;
  connectTimeoutMs: number;
  answerBytesMax: number;
}

/**
 * One bounded exchange over kept-alive connections, one pool for each origin. The signal is the deadline of the
 * whole exchange, the body's last byte included, so undici's own timers are off.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const agent = new Agent({
    connections: options.connectionsPerOriginMax,
    pipelining: 1,
    keepAliveTimeout: 4_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: options.answerBytesMax,
    connect: { timeout: options.connectTimeoutMs },
  });

  return {
    async exchange(request, signal) {
      try {
        const answer: Dispatcher.ResponseData = await agent.request({
          origin: request.origin,
          path: request.path,
          method: request.method,
          headers: request.headers,
          body: request.body,
          signal,
        });
        return { kind: 'answered', status: answer.statusCode, body: await answer.body.text() };
      } catch (error) {
        return failedExchange(error, signal);
      }
    },

    close: () => agent.destroy(),
  };
}

function failedExchange(error: unknown, signal: AbortSignal): HttpExchange {
  if (signal.aborted) return { kind: 'in_doubt', reason: 'timeout', message: 'no complete answer in time' };
  const { code, syscall, message } = describe(error);
  if (neverConnected(code, syscall)) return { kind: 'not_sent', reason: 'refused', message };
  if (certificateRefused.test(code)) return { kind: 'not_sent', reason: 'tls', message };
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return { kind: 'in_doubt', reason: 'too_large', message };
  return { kind: 'in_doubt', reason: 'lost', message };
}

/** By the system call, not by the code: EHOSTUNREACH, say, also ends a connection that has carried a request. */
function neverConnected(code: string, syscall: string): boolean {
  return syscall === 'connect' || syscall === 'getaddrinfo' || code === 'UND_ERR_CONNECT_TIMEOUT';
}

/** Our own refusal of the other side's certificate; any other TLS error may come after the request. */
const certificateRefused =
  /^(CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_|UNABLE_TO_|ERR_TLS_CERT_ALTNAME_INVALID)/;

interface SystemError {
  code?: string;
  syscall?: string;
  message?: string;
  /** Several addresses tried at once fail as one AggregateError. */
  errors?: unknown[];
}

/** By shape, not by class: errors also come from other realms, where `instanceof Error` is false. */
function describe(error: unknown): { code: string; syscall: string; message: string } {
  if (typeof error !== 'object' || error === null) return { code: '', syscall: '', message: String(error) };
  const { code = '', syscall = '', message = '', errors } = error as SystemError;
  if (Array.isArray(errors) && errors.length > 0) {
    const each = errors.map(describe);
    // It is certain that nothing was sent only if it is certain of each address.
    return each.find((one) => !neverConnected(one.code, one.syscall)) ?? each[0]!;
  }
  return { code, syscall, message: code === '' || message.includes(code) ? message : `${code}: ${message}` };
}
