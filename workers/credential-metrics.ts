import { credentialDays } from '../domain/channel/credential-age';
import type { Queryable } from '../db/pool';
import { listCredentialAges } from '../db/stores/channel-credentials-store';
import { publicId } from '../domain/ids';
import type { Metrics } from '../telemetry/metrics';

/** Read when somebody scrapes: how old the oldest secret of each channel is. */
export function watchCredentialAges(metrics: Metrics, database: Queryable): void {
  metrics.gauge({
    name: 'durapay_channel_credentials_age_days',
    help: 'Days since the oldest secret of a channel was changed; 90 is too old.',
    labels: ['channel', 'mode', 'config'],
    async collect() {
      const now = new Date();
      return (await listCredentialAges(database)).map(({ channelConfigId, channel, mode, since }) => ({
        labels: { channel, mode, config: publicId('channelConfig', channelConfigId) },
        value: credentialDays(since, now),
      }));
    },
  });
}
