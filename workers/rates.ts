import { createCollectRates, type CollectRates } from '../activities/exchange/collect-rates';
import type { Settings } from '../config/settings';
import type { Database } from '../db/pool';
import { newId } from '../db/ids';
import { createAddressRules } from '../integrations/callbacks/address-rules';
import { createGuardedConnector } from '../integrations/callbacks/guarded-connector';
import { createRateFetcher } from '../integrations/exchange/fetch-rates';
import { createHttpClient } from '../integrations/http-exchange';
import type { Log } from '../telemetry/log';
import type { Outgoing } from './outgoing';

const answerBytesMax = 1_048_576;

/** The way out to sources of rates: the one pipeline, on connections that no private address is reached by. */
export function createRates(deps: {
  settings: Settings;
  database: Database;
  log: Log;
  outgoing: Pick<Outgoing, 'caller'>;
}): { collectRates: CollectRates; close(): Promise<void> } {
  const { settings, database, log, outgoing } = deps;
  const connectTimeoutMs = settings.CHANNEL_FAST_TIMEOUT_MS;
  const http = createHttpClient({
    ...{ connectionsPerOriginMax: 4, connectTimeoutMs, answerBytesMax },
    connector: createGuardedConnector({
      rules: createAddressRules(settings.EXCHANGE_PRIVATE_RANGES_ALLOWED),
      subject: 'Requests for rates',
      connectTimeoutMs,
    }),
  });
  const fetchRates = createRateFetcher({
    ...{ caller: outgoing.caller, http, timeoutMs: settings.CHANNEL_TIMEOUT_MS },
    now: () => new Date(),
  });
  return {
    collectRates: createCollectRates({ database, fetchRates, newId, log }),
    close: () => http.close(),
  };
}
