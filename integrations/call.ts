import type { CallLimits } from '../domain/config/service';
import type { Log } from '../telemetry/log';
import { createBreaker, type Breaker, type BreakerState } from './breaker';
import { createBulkhead, type Bulkhead } from './bulkhead';
import type { CallLog } from './call-log';
import type { CallFailure, CallOutcome } from './call-outcome';
import { createDeadline, type Deadline } from './deadline';
import type { RateLimit } from './rate-limit';

/** Who is called and what for. One `instance` (a configured account) shares limits, a bulkhead and a breaker. */
export interface CallContext {
  service: string;
  instance: string;
  /** `PAYMENT_GATEWAY`, if nothing else is said. */
  serviceType?: string;
  operation: string;
  /** Waiting for the rate limit and for a place in the bulkhead counts too. */
  timeoutMs: number;
  correlationId: string;
}

/** Sends one request and classifies what came back; it must settle by the deadline. */
export type Send<Value> = (deadline: Deadline) => Promise<CallOutcome<Value>>;

export interface Caller {
  call<Value>(context: CallContext, send: Send<Value>): Promise<CallOutcome<Value>>;
  close(): void;
}

export interface CallMetrics {
  called(
    labels: { service: string; operation: string; outcome: CallOutcome<unknown>['kind'] },
    seconds: number,
  ): void;
  breakerChanged(labels: { service: string; instance: string }, state: BreakerState): void;
  /** Not sent: our own limit for the service is used up. */
  heldBack(labels: { service: string; instance: string }): void;
}

export interface CallerDependencies {
  log: Pick<Log, 'debug' | 'info' | 'warn'>;
  metrics: CallMetrics;
  concurrencyMax: number;
  /** Calls that wait for a place; what comes on top is refused at once. */
  queueMax: number;
  /** What an account may be asked; undefined: no limit, and nothing to pay for it. */
  limitsOf?: (instance: string) => CallLimits | undefined;
  rateLimit?: RateLimit;
  callLog?: CallLog;
  /** What a provider says may repeat our own secrets: nothing of a failure leaves here with them in it. */
  clean?: (instance: string, text: string) => string;
  breaker?: { failuresInARowMax: number; restMs: number; successesToClose: number };
}

const defaultBreaker = { failuresInARowMax: 5, restMs: 60_000, successesToClose: 2 };

interface Gate {
  bulkhead: Bulkhead;
  breaker: Breaker;
}

/**
 * The one way out to third parties: rate limit, bulkhead, breaker, deadline, call, classification, log, metrics.
 * It repeats nothing: that is Temporal's, decided by the outcome's kind.
 */
export function createCaller(deps: CallerDependencies): Caller {
  // As many as there are configured accounts.
  const gates = new Map<string, Gate>();

  return {
    async call(context, send) {
      const begun = performance.now();
      const deadline = createDeadline(context.timeoutMs);
      const outcome = cleaned(context, await guarded(context, send, deadline));
      const durationMs = performance.now() - begun;
      report(deps, context, outcome, durationMs);
      deps.callLog?.add(context, outcome, deadline.exchanged, durationMs);
      return outcome;
    },

    close() {
      for (const gate of gates.values()) gate.breaker.close();
    },
  };

  async function guarded<Value>(
    context: CallContext,
    send: Send<Value>,
    deadline: Deadline,
  ): Promise<CallOutcome<Value>> {
    const limits = deps.limitsOf?.(context.instance);
    if (limits !== undefined && deps.rateLimit !== undefined) {
      const passage = deps.rateLimit.pass(context.instance, limits, deadline);
      if (!(passage === true || (await passage))) {
        deps.metrics.heldBack({ service: context.service, instance: context.instance });
        return heldBack;
      }
    }
    const gate = gates.get(context.instance) ?? openGate(context);
    const entry = gate.bulkhead.enter(deadline);
    // Awaiting only when there is a queue keeps the common case in one turn of the event loop.
    if (!(typeof entry === 'boolean' ? entry : await entry)) return busy;
    try {
      const passage = await gate.breaker.run(() => send(deadline), speaksAgainstTheService);
      return passage.ran ? passage.result : resting;
    } finally {
      gate.bulkhead.leave();
    }
  }

  function cleaned<Value>({ instance }: CallContext, outcome: CallOutcome<Value>): CallOutcome<Value> {
    if (outcome.kind === 'ok' || deps.clean === undefined) return outcome;
    if (outcome.kind === 'declined') return { ...outcome, code: deps.clean(instance, outcome.code) };
    return { ...outcome, message: deps.clean(instance, outcome.message) };
  }

  function openGate(context: CallContext): Gate {
    const { service, instance } = context;
    const gate: Gate = {
      bulkhead: createBulkhead(deps),
      breaker: createBreaker({
        ...(deps.breaker ?? defaultBreaker),
        onState(state) {
          deps.metrics.breakerChanged({ service, instance }, state);
          deps.log.warn({ service, instance, breaker: state }, 'integration breaker');
        },
      }),
    };
    gates.set(instance, gate);
    return gate;
  }
}

const heldBack: CallFailure = {
  kind: 'retryable',
  code: 'rate_limited',
  message: 'what this service may be asked is used up for the moment',
};

const busy: CallFailure = {
  kind: 'retryable',
  code: 'channel_busy',
  message: 'too many calls to this service are running',
};

const resting: CallFailure = {
  kind: 'retryable',
  code: 'circuit_open',
  message: 'this service has failed too often and rests',
};

/** A refusal is an answer, and wrong credentials or a rate limit are no illness of the service. */
function speaksAgainstTheService(outcome: CallOutcome<unknown>): boolean {
  switch (outcome.kind) {
    case 'unknown':
      return true;
    case 'retryable':
      return outcome.code !== 'rate_limited';
    case 'ok':
    case 'declined':
    case 'misconfigured':
      return false;
  }
}

/**
 * Neither headers nor bodies: what was said stays out of the log, how it went is in it. What went well is left to
 * the metrics at the usual level: a line a call costs as much as half a local exchange.
 */
function report(
  deps: CallerDependencies,
  context: CallContext,
  outcome: CallOutcome<unknown>,
  durationMs: number,
): void {
  const { service, instance, operation, correlationId } = context;
  deps.metrics.called({ service, operation, outcome: outcome.kind }, durationMs / 1_000);
  const line = {
    service,
    instance,
    operation,
    correlationId,
    outcome: outcome.kind,
    durationMs: Math.round(durationMs),
    ...(outcome.status === undefined ? {} : { status: outcome.status }),
  };
  switch (outcome.kind) {
    case 'ok':
      return deps.log.debug(line, 'integration call');
    case 'declined':
      return deps.log.info({ ...line, code: outcome.code }, 'integration call');
    case 'retryable':
    case 'unknown':
    case 'misconfigured':
      return deps.log.warn({ ...line, code: outcome.code, reason: outcome.message }, 'integration call');
  }
}
