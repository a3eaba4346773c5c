import { setTimeout as sleep } from 'node:timers/promises';

export interface Answer<T> {
  status: number;
  body: T;
}

export interface Caller {
  get<T>(path: string, signal: AbortSignal): Promise<T>;
  post<T>(path: string, body: object, signal: AbortSignal): Promise<Answer<T>>;
  put<T>(path: string, body: object, signal: AbortSignal): Promise<T>;
  delete(path: string, signal: AbortSignal): Promise<void>;
}

/** Anything but success; without a status there was no answer at all. */
export class CallFailed extends Error {
  constructor(
    message: string,
    readonly status?: number,
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }
}

/** What `fetch` knows is one level down. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message || error.cause.name : undefined;
  return cause === undefined ? error.message : `${error.message} (${cause})`;
}

/** The API as somebody with a key sees it. Anything but success is an error that says what was answered. */
export function apiCaller(baseUrl: string, key: string): Caller {
  async function call<T>(
    method: string,
    path: string,
    signal: AbortSignal,
    body?: object,
  ): Promise<Answer<T>> {
    const { response, text } = await fetch(`${baseUrl}${path}`, {
      method,
      signal,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
      // An answer that breaks off is none either.
      .then(async (response) => ({ response, text: await response.text() }))
      .catch((error: unknown) => {
        // Whoever stopped it need not be told; a time that was over is as good as no answer.
        if (signal.aborted && !isTimeout(error)) throw error;
        throw new CallFailed(
          `${baseUrl} can't be reached: ${reasonOf(error)}. See that the platform runs there and the address is right.`,
        );
      });
    if (!response.ok) {
      throw new CallFailed(
        `${method} ${path} was answered ${response.status}: ${text.slice(0, 500)}`,
        response.status,
        secondsOf(response.headers.get('retry-after')),
      );
    }
    return { status: response.status, body: JSON.parse(text) as T };
  }

  return {
    get: async (path, signal) => (await call<never>('GET', path, signal)).body,
    post: (path, body, signal) => call('POST', path, signal, body),
    put: async (path, body, signal) => (await call<never>('PUT', path, signal, body)).body,
    delete: async (path, signal) => void (await call('DELETE', path, signal)),
  };
}

/** As we say it ourselves; a proxy that names a date instead is not understood. */
function secondsOf(retryAfter: string | null): number | undefined {
  return retryAfter !== null && /^[0-9]{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined;
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

const lookEveryMs = 50;

/** Looks again and again until there is something, or the step's time is over. */
export async function until<T>(
  signal: AbortSignal,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(lookEveryMs, undefined, { signal });
  }
}
