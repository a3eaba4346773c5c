import { createCaller } from '../../../integrations/call';
import { createHttpClient } from '../../../integrations/http-exchange';
import { createRegistry, type Registry } from '../../../integrations/registry';
import type { Log } from '../../../telemetry/log';

/** Every channel as the product wires it. */
export function channelsOfProduct(log: Log): { registry: Registry; close(): Promise<void> } {
  const http = createHttpClient({
    connectionsPerOriginMax: 10,
    connectTimeoutMs: 1_000,
    answerBytesMax: 1_048_576,
  });
  const caller = createCaller({
    log,
    metrics: { called: () => undefined, breakerChanged: () => undefined, heldBack: () => undefined },
    concurrencyMax: 10,
    queueMax: 10,
  });
  return {
    registry: createRegistry({ caller, http, now: () => new Date() }),
    async close() {
      caller.close();
      await http.close();
    },
  };
}
