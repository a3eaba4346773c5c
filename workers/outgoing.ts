import type { Settings } from '../config/settings';
import type { Database } from '../db/pool';
import { addIntegrationCalls } from '../db/stores/integration-calls-store';
import type { CallLimits } from '../domain/config/service';
import type { BreakerState } from '../integrations/breaker';
import { createCaller, type Caller } from '../integrations/call';
import { createCallLog } from '../integrations/call-log';
import { createHttpClient, type HttpClient } from '../integrations/http-exchange';
import { secretForms, withoutSecrets } from '../integrations/redact';
import type { Log } from '../telemetry/log';
import type { Metrics } from '../telemetry/metrics';
import { createCallLimits } from './call-limits';
import { callMetrics } from './call-metrics';

const answerBytesMax = 1_048_576;

export interface Account {
  limits: CallLimits | undefined;
  /** In clear: what must stand in no log and no message. */
  secrets: readonly unknown[];
}

/** What every call to a third party goes through, whoever makes it. */
export interface Outgoing {
  caller: Caller;
  http: HttpClient;
  /** Told by whoever reads an account's configuration, each time it does. */
  know(instance: string, account: Account): void;
  close(): Promise<void>;
}

export function createOutgoing(deps: {
  settings: Settings;
  database: Database;
  log: Log;
  metrics: Metrics;
  /** Routing keeps away from an account whose breaker is open. */
  breakerChanged(instance: string, state: BreakerState): void;
}): Outgoing {
  const { settings } = deps;
  // As many as there are configured accounts.
  const accounts = new Map<string, { limits: CallLimits | undefined; secretForms: readonly string[] }>();
  const secretsOf = (instance: string) => accounts.get(instance)?.secretForms ?? [];
  const callLog = createCallLog({
    write: (records) => addIntegrationCalls(deps.database, records),
    secretsOf,
    dropped: countDropped(deps),
  });
  const http = createHttpClient({
    connectionsPerOriginMax: settings.CHANNEL_CONCURRENCY_MAX,
    connectTimeoutMs: settings.CHANNEL_FAST_TIMEOUT_MS,
    answerBytesMax,
  });
  const caller = createCaller({
    log: deps.log,
    metrics: callMetrics(deps.metrics, deps.breakerChanged),
    concurrencyMax: settings.CHANNEL_CONCURRENCY_MAX,
    queueMax: settings.CHANNEL_CONCURRENCY_MAX,
    limitsOf: (instance) => accounts.get(instance)?.limits,
    rateLimit: createCallLimits(deps),
    callLog,
    clean: (instance, text) => withoutSecrets(text, secretsOf(instance)),
  });
  return {
    caller,
    http,
    know: (instance, { limits, secrets }) => {
      const isLimited = limits !== undefined && Object.keys(limits).length > 0;
      accounts.set(instance, {
        limits: isLimited ? limits : undefined,
        secretForms: secretForms(secrets),
      });
    },
    async close(): Promise<void> {
      caller.close();
      await http.close();
      await callLog.close();
    },
  };
}

/** A line now and then, not one for each: what is dropped is dropped because there is too much. */
const sayEveryMs = 10_000;

function countDropped({ log, metrics }: { log: Log; metrics: Metrics }) {
  const dropped = metrics.counter({
    name: 'durapay_integration_calls_unlogged_total',
    help: 'Calls whose record was dropped: too many waited, or the database did not take them.',
    labels: [],
  });
  let saidAtMs = -Infinity;
  return (count: number, error?: unknown): void => {
    dropped.inc(count);
    if (performance.now() - saidAtMs < sayEveryMs) return;
    saidAtMs = performance.now();
    log.warn({ err: error, count }, 'records of integration calls were dropped');
  };
}
