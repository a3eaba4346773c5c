import express, { type ErrorRequestHandler, type Express, type IRouter, type RequestHandler } from 'express';
import type { Settings } from '../config/settings';
import type { Database } from '../db/pool';
import type { SecretBox } from '../security/secret-box';
import type { Log } from '../telemetry/log';
import type { Metrics } from '../telemetry/metrics';
import { fail, presentError } from './errors';
import { createAuthenticator } from './middleware/authenticate';
import { createIdempotentRunner } from './middleware/idempotency';
import { createReadBody } from './middleware/read-body';
import { requestIdFrom } from './middleware/request-id';
import { createRouteRunner, send } from './middleware/run-route';
import { fullPath, type Route } from './route';
import { classifyUnexpected } from './unexpected-errors';

/**
 * Puts its own routes on the app. No router in between: Express leaves one in which nothing fits by way of the event loop,
 * and every request would wait for a turn of it.
 */
export type Mount = (app: IRouter, under: string) => void;

/** A route of a mount. What may be asked of its address is answered as Express does it for routers. */
export function place(
  app: IRouter,
  method: 'get' | 'post',
  path: string,
  ...handlers: RequestHandler[]
): void {
  const allowed = method === 'get' ? 'GET, HEAD' : 'POST';
  app[method](path, ...handlers);
  app.options(path, (_request, response) => void response.set('Allow', allowed).send(allowed));
}

export interface AppDeps {
  settings: Settings;
  database: Database;
  log: Log;
  metrics: Metrics;
  secretBox: SecretBox;
  routes: readonly Route[];
  /** Mounted at /api/v1 before the routes; it reads raw bodies and answers as each provider wants. */
  webhooks?: readonly Mount[];
  /** Mounted at /: documentation, metrics, whatever is not JSON. */
  pages?: readonly Mount[];
}

export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', deps.settings.API_TRUSTED_PROXIES);
  app.use(first);
  app.use(withHost);
  for (const mount of deps.webhooks ?? []) mount(app, '/api/v1');
  for (const mount of deps.pages ?? []) mount(app, '');

  const publicUrl = deps.settings.API_PUBLIC_URL;
  const run = createRouteRunner({
    log: deps.log,
    metrics: deps.metrics,
    publicUrl,
    authenticator: createAuthenticator(deps),
    readBody: createReadBody({ bytesMax: deps.settings.API_BODY_BYTES_MAX }),
    idempotentRunner: createIdempotentRunner(deps),
    checkAnswers: deps.settings.NODE_ENV === 'test',
  });
  register(app, deps.routes, run);

  const last: ErrorRequestHandler = (error, _request, response, _next) => {
    const { requestId } = response.locals as { requestId: string };
    const known = isBadPath(error) ? fail('route_unknown') : classifyUnexpected(error);
    if (known.status >= 500) deps.log.error({ err: error as unknown, requestId }, 'request failed');
    send(response, presentError(known, { requestId, publicUrl }));
  };
  app.use((_request, _response, next) => next(fail('route_unknown')));
  app.use(last);
  return app;
}

/** What every answer carries, whatever becomes of it. */
const first: RequestHandler = (request, response, next) => {
  const requestId = requestIdFrom(request.headers['request-id']);
  response.locals.requestId = requestId;
  response.setHeader('Request-Id', requestId);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
  response.setHeader('Strict-Transport-Security', 'max-age=31536000; includeSubDomains');
  next();
};

/** Which HTTP/1.1 asks for: without it a proxy may take the request for another one. */
const withHost: RequestHandler = (request, _response, next) => {
  const isMissing = request.headers.host === undefined && request.httpVersion === '1.1';
  next(isMissing ? fail('request_malformed', { message: 'The request has no Host header.' }) : undefined);
};

/** Paths without parameters first, so that `/payments/export` is never taken for a payment's id. */
function register(app: Express, routes: readonly Route[], run: (route: Route) => RequestHandler): void {
  const byPath = new Map<string, Route[]>();
  for (const route of routes) {
    const path = fullPath(route);
    byPath.set(path, [...(byPath.get(path) ?? []), route]);
  }
  const paths = [...byPath.keys()].sort((left, right) => parametersIn(left) - parametersIn(right));
  for (const path of paths) {
    const place = app.route(path.replaceAll(/\{(\w+)\}/g, ':$1'));
    const own = byPath.get(path) ?? [];
    for (const route of own) {
      const csv = routes.find(({ operationId }) => operationId === route.csvBy);
      if (csv !== undefined) place[route.method](preferringCsv(run(csv)));
      place[route.method](run(route));
    }
    const allowed = own.map(({ method }) => method.toUpperCase()).join(', ');
    place.all((_request, _response, next) => {
      next(fail('method_not_allowed', { headers: { Allow: allowed } }));
    });
  }
}

/** What is asked for as CSV is answered by the operation that streams it; both answers say that they depend on it. */
function preferringCsv(handle: RequestHandler): RequestHandler {
  return (request, response, next) => {
    response.vary('Accept');
    if (request.accepts(['json', 'csv']) === 'csv') return handle(request, response, next);
    return next();
  };
}

function parametersIn(path: string): number {
  return path.split('{').length;
}

/** A path that is not valid percent-encoding. */
function isBadPath(error: unknown): boolean {
  return error instanceof URIError;
}
