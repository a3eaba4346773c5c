import type { Settings } from '../config/settings';
import { createCaller, type Caller } from '../integrations/call';
import { createHttpClient, type HttpClient } from '../integrations/http-exchange';
import type { Log } from '../telemetry/log';
import type { Metrics } from '../telemetry/metrics';
import { callMetrics } from './call-metrics';

const answerBytesMax = 1_048_576;

/** What every call to a third party goes through, whoever makes it. */
export interface Outgoing {
  caller: Caller;
  http: HttpClient;
  close(): Promise<void>;
}

export function createOutgoing(deps: { settings: Settings; log: Log; metrics: Metrics }): Outgoing {
  const { settings } = deps;
  const http = createHttpClient({
    connectionsPerOriginMax: settings.CHANNEL_CONCURRENCY_MAX,
    connectTimeoutMs: settings.CHANNEL_FAST_TIMEOUT_MS,
    answerBytesMax,
  });
  const caller = createCaller({
    log: deps.log,
    metrics: callMetrics(deps.metrics),
    concurrencyMax: settings.CHANNEL_CONCURRENCY_MAX,
    queueMax: settings.CHANNEL_CONCURRENCY_MAX,
  });
  return {
    caller,
    http,
    async close(): Promise<void> {
      caller.close();
      await http.close();
    },
  };
}
