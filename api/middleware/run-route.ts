import type { Request, RequestHandler, Response } from 'express';
import type { Log } from '../../telemetry/log';
import type { Metrics } from '../../telemetry/metrics';
import { ApiError, fail, presentError } from '../errors';
import type { RawAnswer, Route } from '../route';
import { classifyUnexpected } from '../unexpected-errors';
import type { Authenticated, Authenticator } from './authenticate';
import type { IdempotentRunner } from './idempotency';
import type { ReadBody } from './read-body';
import { refuseCardNumbers } from './refuse-card-numbers';
import { refuseUnstorable } from './refuse-unstorable';
import { sendStream } from './send-stream';
import { validate } from './validate';

export interface RouteRunnerDeps {
  log: Log;
  metrics: Metrics;
  publicUrl: string;
  authenticator: Authenticator;
  readBody: ReadBody;
  idempotentRunner: IdempotentRunner;
  /** Holds every answer against its declared schema; for tests, it costs time. */
  checkAnswers: boolean;
}

/** The way of every request through a route: who, what, is it allowed, is it a repeat, do it, answer. */
export function createRouteRunner(deps: RouteRunnerDeps): (route: Route) => RequestHandler {
  return (route) => async (request, response) => {
    const { requestId } = response.locals as { requestId: string };
    const log = deps.log.child({ requestId, operation: route.operationId });
    const finished = deps.metrics.httpStarted(route.operationId);
    const startedAt = performance.now();
    let who: Authenticated | undefined;
    try {
      who = await authenticated(deps.authenticator, route, request);
      const answer = await answerOf(deps, { route, request, response, who, requestId, log });
      if (answer.chunks === undefined) send(response, answer);
      else
        await sendStream(response, { ...answer, chunks: answer.chunks, type: streamTypeOf(route, answer) });
    } catch (error) {
      const known = classifyUnexpected(error);
      if (known.code === 'internal_error') log.error({ err: error }, 'request failed');
      else if (known.status >= 500) log.warn({ err: error, code: known.code }, 'request refused');
      send(response, presentError(known, { requestId, publicUrl: deps.publicUrl }));
    } finally {
      finished(response.statusCode);
      log.info(
        {
          status: response.statusCode,
          durationMs: Math.round(performance.now() - startedAt),
          ...(who === undefined ? {} : { keyId: who.caller.keyId }),
        },
        'request',
      );
    }
  };
}

interface Running {
  route: Route;
  request: Request;
  response: Response;
  who: Authenticated | undefined;
  requestId: string;
  log: Log;
}

async function answerOf(deps: RouteRunnerDeps, running: Running): Promise<RawAnswer> {
  const { route, request, response, who, requestId, log } = running;
  const raw = route.method === 'get' ? undefined : await deps.readBody(request, response, route.bodyBytesMax);
  refuseCardNumbers(raw);
  refuseUnstorable(request.params, 'not_found');
  refuseUnstorable(request.query);
  const params = route.params === undefined ? undefined : validate(route.params, request.params);
  const query = validateQuery(route, request);
  const body = validateBody(route, raw);

  const answer = await deps.idempotentRunner(
    { route, request, caller: who?.caller, body: raw, log },
    async (idempotency) => {
      const ip = request.ip ?? '';
      const context = { caller: who?.caller, params, query, body, requestId, ip, log, idempotency };
      // Thrown or returned, a refusal is the answer: which of them are kept is one rule.
      const result = await route.handle(context).catch((error: unknown) => {
        if (error instanceof ApiError) return error;
        throw error;
      });
      return result instanceof ApiError
        ? presentError(result, { requestId, publicUrl: deps.publicUrl })
        : result;
    },
  );
  if (deps.checkAnswers && answer.status < 400) checkAnswer(route, answer);
  return answer;
}

async function authenticated(
  authenticator: Authenticator,
  route: Route,
  request: Request,
): Promise<Authenticated | undefined> {
  if (route.auth === 'public') return undefined;
  const who = await authenticator.authenticate(request.headers.authorization);
  if (route.auth !== 'either' && route.auth !== who.caller.role) {
    const whose = route.auth === 'admin' ? "an operator's" : "a merchant's";
    throw fail('permission_denied', { message: `This API key may not do that: it wants ${whose} key.` });
  }
  if (who.isSuspended && route.method !== 'get') throw fail('merchant_suspended');
  return who;
}

function validateQuery(route: Route, request: Request): unknown {
  const twice = Object.entries(request.query).find(([, value]) => Array.isArray(value))?.[0];
  if (twice !== undefined) {
    const param = twice.slice(0, 200);
    throw fail('parameter_invalid', { param, message: `${param} stands more than once: send it once.` });
  }
  if (route.query !== undefined) return validate(route.query, { ...request.query });
  const unknown = Object.keys(request.query)[0];
  if (unknown === undefined) return undefined;
  const param = unknown.slice(0, 200);
  throw fail('parameter_unknown', {
    param,
    message: `Unknown parameter: ${param}; this operation takes none.`,
  });
}

function validateBody(route: Route, raw: unknown): unknown {
  if (route.body !== undefined) return validate(route.body, raw ?? {});
  if (raw === undefined || Object.keys(raw as object).length === 0) return undefined;
  throw fail('parameter_unknown', { message: 'This operation takes no body.' });
}

function streamTypeOf(route: Route, { status }: RawAnswer): string {
  return route.responses[status]?.streams ?? 'text/plain';
}

function checkAnswer(route: Route, answer: RawAnswer): void {
  const declared = route.responses[answer.status];
  if (declared === undefined) throw new Error(`${route.operationId} does not declare ${answer.status}.`);
  declared.body?.parse(answer.body);
}

export function send(response: Response, answer: RawAnswer): void {
  if (response.headersSent || response.destroyed) return;
  response.status(answer.status);
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (answer.body === undefined) {
    response.end();
    return;
  }
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.end(JSON.stringify(answer.body));
}
