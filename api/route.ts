import type { z } from 'zod';
import type { Log } from '../telemetry/log';
import type { AdminCaller, Caller, MerchantCaller } from './caller';
import type { ApiError, ErrorCode } from './errors';

/** Who may call: a merchant's key, the operator's, either, or anybody. */
export type Auth = 'merchant' | 'admin' | 'either' | 'public';

type CallerOf<A extends Auth> = {
  merchant: MerchantCaller;
  admin: AdminCaller;
  either: Caller;
  public: undefined;
}[A];

type Schema = z.ZodType | undefined;
type OutputOf<S extends Schema> = S extends z.ZodType ? z.output<S> : undefined;

export interface ResponseSpec {
  description: string;
  body?: z.ZodType;
  /** It says only that the work goes on: not kept for the Idempotency-Key, so that a repeat is told how it ended. */
  isInterim?: true;
  /** Instead of a body: text of this type, sent piece by piece as it comes. */
  streams?: 'text/csv';
}

export interface Idempotency {
  /**
   * The id for what this request makes. A repeat after a crash gets the same one, so that it makes the same
   * thing; without an Idempotency-Key it is simply a new id.
   */
  resourceId: string;
  /** How often it was refused with a conflict: what a workflow was asked and refused is asked anew, not read again. */
  refusals: number;
}

export interface RouteContext<A extends Auth, P extends Schema, Q extends Schema, B extends Schema> {
  caller: CallerOf<A>;
  params: OutputOf<P>;
  query: OutputOf<Q>;
  body: OutputOf<B>;
  requestId: string;
  /** The address the request came from, as far as the trusted proxies say. */
  ip: string;
  log: Log;
  idempotency: Idempotency;
}

type Answer<R extends Record<number, ResponseSpec>> = {
  [Status in keyof R & number]: {
    status: Status;
    headers?: Record<string, string>;
  } & (R[Status]['streams'] extends string
    ? { chunks: AsyncIterable<string>; body?: undefined }
    : R[Status]['body'] extends z.ZodType
      ? { body: z.input<R[Status]['body']> }
      : { body?: undefined });
}[keyof R & number];

/** Every route may answer these; a handler may find out later than the schema. */
type ValidationCode = 'parameter_missing' | 'parameter_invalid' | 'parameter_unknown';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

interface Declaration<
  A extends Auth,
  P extends Schema,
  Q extends Schema,
  B extends Schema,
  R extends Record<number, ResponseSpec>,
  E extends ErrorCode,
> {
  operationId: string;
  method: Method;
  /** As OpenAPI writes it, below /api/v1 unless `base` is 'root': `/payments/{id}`. */
  path: string;
  base?: 'api' | 'root';
  tag: string;
  summary: string;
  description?: string;
  auth: A;
  params?: P;
  query?: Q;
  body?: B;
  /** For a body that is larger than bodies usually may be. */
  bodyBytesMax?: number;
  /** The operation that answers the same as CSV: `Accept: text/csv` here leads there. */
  csvBy?: string;
  responses: R;
  /** Beyond what every route of its kind may answer (authentication, validation, 5xx). */
  errors: readonly E[];
  handler: (
    context: RouteContext<A, P, Q, B>,
  ) => Promise<Answer<NoInfer<R>> | ApiError<NoInfer<E> | ValidationCode>>;
}

export interface RawAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** Text of the type that the route declares as streamed. */
  chunks?: AsyncIterable<string>;
}

/** A declared route with its types worn off: what the app registers and the API document is made of. */
export type Route = Omit<
  Declaration<Auth, Schema, Schema, Schema, Record<number, ResponseSpec>, ErrorCode>,
  'handler'
> & {
  handle: (context: unknown) => Promise<RawAnswer | ApiError>;
};

/**
 * One block says everything about a route: address, permission, messages, errors. It validates, types the
 * handler, registers itself and documents itself; nothing else does.
 */
export function defineRoute<
  const A extends Auth,
  R extends Record<number, ResponseSpec>,
  const E extends ErrorCode,
  P extends Schema = undefined,
  Q extends Schema = undefined,
  B extends Schema = undefined,
>(declaration: Declaration<A, P, Q, B, R, E>): Route {
  const { handler, ...rest } = declaration;
  // The runner builds the context from the same schemas, so the types hold again inside the handler.
  return { ...rest, handle: (context) => handler(context as RouteContext<A, P, Q, B>) };
}

export function fullPath(route: Pick<Route, 'path' | 'base'>): string {
  return route.base === 'root' ? route.path : `/api/v1${route.path}`;
}
