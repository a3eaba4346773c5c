import type { Settings } from '../config/settings';
import type { Database } from '../db/pool';
import type { CallLimits } from '../domain/config/service';
import type { BreakerState } from '../integrations/breaker';
import { createCaller, type Caller } from '../integrations/call';
import { createHttpClient, type HttpClient } from '../integrations/http-exchange';
import type { Log } from '../telemetry/log';
import type { Metrics } from '../telemetry/metrics';
import { createCallLimits } from './call-limits';
import { callMetrics } from './call-metrics';

const answerBytesMax = 1_048_576;

export interface Account {
  limits: CallLimits | undefined;
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
  const accounts = new Map<string, Account>();
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
  });
  return {
    caller,
    http,
    know: (instance, { limits }) => {
      const isLimited = limits !== undefined && Object.keys(limits).length > 0;
      accounts.set(instance, { limits: isLimited ? limits : undefined });
    },
    async close(): Promise<void> {
      caller.close();
      await http.close();
    },
  };
}
