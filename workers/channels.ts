import type { Channel } from '../activities/payment/deps';
import type { Settings } from '../config/settings';
import type { Database } from '../db/pool';
import { createShortCache } from '../db/short-cache';
import type { ChannelAbilities } from '../db/read-models/payment-setup';
import { channelCredentialsAad, findChannelConfig } from '../db/stores/channel-configs-store';
import { createCaller } from '../integrations/call';
import type { ChannelWebhook } from '../integrations/channels/payment-provider';
import { createHttpClient } from '../integrations/http-exchange';
import { createRegistry } from '../integrations/registry';
import type { SecretBox } from '../security/secret-box';
import type { Log } from '../telemetry/log';
import type { Metrics } from '../telemetry/metrics';
import { callMetrics } from './call-metrics';

interface ConfiguredChannel extends Channel {
  webhook: ChannelWebhook;
  ipsAllowed: readonly string[];
}

const answerBytesMax = 1_048_576;

/** Configured channels, ready to be called: row, decrypted credentials and adapter, read anew each second. */
export function createChannels(deps: {
  settings: Settings;
  database: Database;
  secretBox: SecretBox;
  log: Log;
  metrics: Metrics;
  configurationMs: number;
}) {
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
  const registry = createRegistry({ caller, http, now: () => new Date() });

  async function load(id: string): Promise<ConfiguredChannel | undefined> {
    const row = await findChannelConfig(deps.database, id);
    if (row === undefined) return undefined;
    const provider = registry.provider(row.channel);
    const webhook = registry.webhook(row.channel);
    if (provider === undefined || webhook === undefined) {
      deps.log.error({ channel: row.channel }, 'a channel is configured that this build does not have');
      return undefined;
    }
    const credentials = JSON.parse(
      deps.secretBox.openText(row.credentials, channelCredentialsAad(row.id)),
    ) as Record<string, string>;
    const { channel, mode, baseUrl } = row;
    return {
      provider,
      webhook,
      ipsAllowed: row.webhookIpsAllowed,
      config: { id, channel, mode, baseUrl, credentials },
    };
  }

  const cache = createShortCache({ ttlMs: deps.configurationMs, entriesMax: 1_000, read: load });
  return {
    registry,
    abilitiesOf(channel: string): ChannelAbilities {
      const capabilities = registry.provider(channel)?.capabilities;
      return {
        methods: capabilities?.methods ?? [],
        manualCapture: capabilities !== undefined && capabilities.manualCapture !== 'none',
      };
    },
    channelOf: (id: string) => cache.get(id),
    async close(): Promise<void> {
      caller.close();
      await http.close();
    },
  };
}
