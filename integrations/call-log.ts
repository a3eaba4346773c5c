import { withinTime } from '../telemetry/within-time';
import type { CallContext } from './call';
import type { CallOutcome } from './call-outcome';
import type { Exchanged } from './deadline';
import { redactEndpoint, redactPayload, withoutSecrets } from './redact';

/** One call as it is kept. */
export interface CallRecord {
  serviceId: string;
  serviceType: string;
  kind: string;
  operation: string;
  requestedAtMs: number;
  durationMs: number;
  endpoint: string | null;
  requestPayload: string | null;
  responsePayload: string | null;
  statusCode: number | null;
  outcome: CallOutcome<unknown>['kind'];
  errorMessage: string | null;
  correlationId: string;
}

interface Made {
  context: CallContext;
  outcome: CallOutcome<unknown>;
  exchanged: Exchanged | undefined;
  requestedAtMs: number;
  durationMs: number;
}

export interface CallLog {
  /** Returns at once; the record is written later, or dropped and counted when too many wait. */
  add(
    context: CallContext,
    outcome: CallOutcome<unknown>,
    exchanged: Exchanged | undefined,
    durationMs: number,
  ): void;
  /** Writes what still waits, within some seconds. */
  close(): Promise<void>;
}

export interface CallLogDependencies {
  write(records: CallRecord[]): Promise<void>;
  /** Every form of the account's secrets. */
  secretsOf(instance: string): readonly string[];
  dropped(count: number, error?: unknown): void;
  everyMs?: number;
  batchMax?: number;
  waitingMax?: number;
}

/** What is longer than this is not even kept until it is written: its size is. */
const keptCharactersMax = 16_384;
const closeWithinMs = 3_000;

/**
 * Who calls does not wait for the log, and does not pay for redacting: records are made and written in batches
 * behind it. A log that can't be written costs records, never a payment; the attempt's row is what is durable.
 */
export function createCallLog(deps: CallLogDependencies): CallLog {
  const { everyMs = 250, batchMax = 50, waitingMax = 2_000 } = deps;
  let waiting: Made[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, batchMax);
      waiting = waiting.slice(batchMax);
      try {
        await deps.write(batch.map(recordOf));
      } catch (error) {
        deps.dropped(batch.length, error);
      }
    }
  }

  function start(): void {
    timer = undefined;
    writing ??= writeAll().finally(() => {
      writing = undefined;
      if (waiting.length > 0) wake();
    });
  }

  function wake(): void {
    if (timer !== undefined || writing !== undefined) return;
    timer = setTimeout(start, everyMs);
    timer.unref();
  }

  function recordOf(made: Made): CallRecord {
    const { context, outcome, exchanged } = made;
    const secrets = deps.secretsOf(context.instance);
    const request = exchanged?.request;
    const answer = exchanged?.answer?.kind === 'answered' ? exchanged.answer : undefined;
    return {
      serviceId: context.instance,
      serviceType: context.serviceType ?? 'PAYMENT_GATEWAY',
      kind: context.service.toUpperCase(),
      operation: context.operation,
      requestedAtMs: made.requestedAtMs,
      durationMs: Math.round(made.durationMs),
      endpoint: request ? redactEndpoint(request.method, request.origin + request.path, secrets) : null,
      requestPayload: request?.body === undefined ? null : redactPayload(asText(request.body), secrets),
      responsePayload: answer === undefined ? null : redactPayload(answer.body, secrets),
      statusCode: answer?.status ?? outcome.status ?? null,
      outcome: outcome.kind,
      errorMessage: messageOf(outcome, secrets),
      correlationId: context.correlationId.slice(0, 300),
    };
  }

  return {
    add(context, outcome, exchanged, durationMs) {
      if (waiting.length >= waitingMax) return deps.dropped(1);
      const requestedAtMs = Date.now() - durationMs;
      waiting.push({
        context,
        outcome: bare(outcome),
        exchanged: bounded(exchanged),
        requestedAtMs,
        durationMs,
      });
      wake();
    },

    async close() {
      clearTimeout(timer);
      start();
      await withinTime(Promise.resolve(writing), closeWithinMs, () => undefined);
      if (waiting.length > 0) deps.dropped(waiting.splice(0).length);
    },
  };
}

/** Without the value, which the exchange has as text. */
function bare(outcome: CallOutcome<unknown>): CallOutcome<unknown> {
  return outcome.kind === 'ok' || outcome.kind === 'declined' ? { ...outcome, value: undefined } : outcome;
}

function bounded(exchanged: Exchanged | undefined): Exchanged | undefined {
  if (exchanged === undefined) return undefined;
  const { request, answer } = exchanged;
  const body = short(request.body);
  const isAnswered = answer?.kind === 'answered';
  if (body === request.body && (!isAnswered || short(answer.body) === answer.body)) return exchanged;
  return {
    request: body === undefined ? request : { ...request, body },
    answer: isAnswered ? { ...answer, body: short(answer.body) } : answer,
  };
}

function short<Body extends string | Uint8Array | undefined>(body: Body): Body | string {
  return body !== undefined && body.length > keptCharactersMax ? sizeOf(body) : body;
}

/** Bytes are files: what is in them concerns no log. */
function asText(body: string | Uint8Array): string {
  return typeof body === 'string' ? body : sizeOf(body);
}

function sizeOf({ length }: { length: number }): string {
  return `[${length} characters]`;
}

function messageOf(outcome: CallOutcome<unknown>, secrets: readonly string[]): string | null {
  switch (outcome.kind) {
    case 'ok':
      return null;
    case 'declined':
      return withoutSecrets(outcome.code, secrets).slice(0, 500);
    case 'retryable':
    case 'unknown':
    case 'misconfigured':
      return withoutSecrets(`${outcome.code}: ${outcome.message}`, secrets).slice(0, 500);
  }
}
