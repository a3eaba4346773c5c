import type { Channel } from '../activities/payment/deps';
import type { ConfigListener } from '../db/config-listener';
import type { Database } from '../db/pool';
import { createShortCache } from '../db/short-cache';
import type { ChannelAbilities, SealedChannel } from '../db/read-models/payment-setup';
import { channelCredentialsAad, findChannelConfig } from '../db/stores/channel-configs-store';
import type { CaptureMode, ChannelWebhook } from '../integrations/channels/payment-provider';
import { failureFrom, type CallOutcome } from '../integrations/call-outcome';
import { createRegistry } from '../integrations/registry';
import type { SecretBox } from '../security/secret-box';
import type { Log } from '../telemetry/log';
import { lookForNothing } from './channel-look';
import type { Outgoing } from './outgoing';

const testTimeoutMs = 10_000;

interface ConfiguredChannel extends Channel {
  webhook: ChannelWebhook;
  ipsAllowed: readonly string[];
}

/** Configured channels, ready to be called: row, decrypted credentials and adapter, read anew when they change. */
export function createChannels(deps: {
  database: Database;
  secretBox: SecretBox;
  log: Log;
  outgoing: Outgoing;
  configurationMs: number;
  listener: ConfigListener;
}) {
  const { caller, http } = deps.outgoing;
  const registry = createRegistry({ caller, http, now: () => new Date() });

  function opened({ id, credentials }: Pick<SealedChannel, 'id' | 'credentials'>): Record<string, string> {
    const text = deps.secretBox.openText(credentials, channelCredentialsAad(id));
    return JSON.parse(text) as Record<string, string>;
  }

  /** Read with what a payment is planned from: one account that can't be opened must not stop the others. */
  function abilitiesOf(sealed: SealedChannel): ChannelAbilities {
    const provider = registry.provider(sealed.channel);
    const { methods = [], amounts, manualCapture = 'none' } = provider?.capabilities ?? {};
    let methodsBy = (capture: CaptureMode) =>
      capture === 'manual' && manualCapture === 'none' ? [] : methods;
    if (provider?.methodsOf !== undefined) {
      try {
        const credentials = opened(sealed);
        methodsBy = (capture) => provider.methodsOf?.(credentials, capture) ?? methods;
      } catch (error) {
        deps.log.error(
          { err: error, channelConfigId: sealed.id },
          'credentials of a channel can not be read',
        );
      }
    }
    return {
      keepsMethods: provider?.vault !== undefined,
      methods: methodsBy('automatic'),
      methodsToReserve: methodsBy('manual'),
      amounts,
    };
  }

  async function load(id: string): Promise<ConfiguredChannel | undefined> {
    const row = await findChannelConfig(deps.database, id);
    if (row === undefined) return undefined;
    const provider = registry.provider(row.channel);
    const webhook = registry.webhook(row.channel);
    if (provider === undefined || webhook === undefined) {
      deps.log.error({ channel: row.channel }, 'a channel is configured that this build does not have');
      return undefined;
    }
    const credentials = opened(row);
    const { channel, mode, baseUrl } = row;
    deps.outgoing.know(id, { limits: provider.limits, secrets: Object.values(credentials) });
    return {
      provider,
      webhook,
      ipsAllowed: row.webhookIpsAllowed,
      isSwitchedOff: row.switched === 'off',
      config: { id, channel, mode, baseUrl, credentials, methods: row.methods ?? undefined },
    };
  }

  const cache = createShortCache({ ttlMs: deps.configurationMs, entriesMax: 1_000, read: load });
  deps.listener.onChange((change) => {
    if (change === 'everything') cache.forgetAll();
    else if (change.kind === 'channel_config') cache.forget(change.id);
  });
  return {
    registry,
    abilitiesOf,
    channelOf: (id: string) => cache.get(id),
    /** As it is configured this moment, enabled or not: whether it answers, and knows us. */
    async testConnection(id: string, correlationId: string): Promise<CallOutcome<unknown> | undefined> {
      const channel = await load(id);
      if (channel === undefined) return undefined;
      const status = await lookForNothing(channel, { timeoutMs: testTimeoutMs, correlationId });
      return status.kind === 'unknown'
        ? failureFrom(status.error)
        : { kind: 'ok', status: 200, value: undefined };
    },
  };
}
