import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { credentialDays, credentialDaysMax, isDueForRotation } from '../../domain/channel/credential-age';
import { publicId } from '../../domain/ids';
import { newId } from '../../db/ids';
import type { Database } from '../../db/pool';
import {
  forgetCredentialsBut,
  listCredentialAges,
  listKnownCredentials,
  putKnownCredential,
  type KnownCredential,
} from '../../db/stores/channel-credentials-store';
import { addAlert, listAlerts } from '../../db/stores/integration-alerts-store';
import type { Log } from '../../telemetry/log';
import type { Channel } from '../payment/deps';

export interface WatchCredentialsDeps {
  database: Database;
  channelOf(channelConfigId: string): Promise<Channel | undefined>;
  log: Pick<Log, 'warn'>;
}

const derive = promisify(scrypt) as (secret: string, salt: Buffer, length: number) => Promise<Buffer>;

/** Notices which secrets of channels were changed since the last look, and says which ought to be. */
export function createWatchCredentials({ database, channelOf, log }: WatchCredentialsDeps) {
  return async function watchCredentials(): Promise<{ due: number }> {
    for (const { channelConfigId } of await listCredentialAges(database)) {
      const channel = await channelOf(channelConfigId);
      if (channel !== undefined) await look(channelConfigId, secretsOf(channel));
    }
    const now = new Date();
    const due = (await listCredentialAges(database)).filter(({ since }) => isDueForRotation(since, now));
    for (const { channelConfigId, channel, mode, since } of due) {
      const days = credentialDays(since, now);
      log.warn(
        {
          ...{ channel, mode, days, daysMax: credentialDaysMax },
          channelConfigId: publicId('channelConfig', channelConfigId),
        },
        'credentials of a channel are due for rotation',
      );
      await tellOnce(channelConfigId, { channel, mode, days, changedAt: since.toISOString() });
    }
    return { due: due.length };
  };

  /** The log repeats itself with each look; whoever reads alerts is told once of each secret. */
  async function tellOnce(
    serviceId: string,
    details: { channel: string; mode: string; days: number; changedAt: string },
  ): Promise<void> {
    const kind = 'credentials_due';
    const [told] = await listAlerts(database, { serviceId, kind, limit: 1 });
    if (told?.details['changedAt'] === details.changedAt) return;
    await addAlert(database, { id: newId(), serviceId, kind, details });
  }

  async function look(channelConfigId: string, secrets: Record<string, string>): Promise<void> {
    const known = new Map(
      (await listKnownCredentials(database, channelConfigId)).map((one) => [one.name, one]),
    );
    for (const [name, secret] of Object.entries(secrets)) {
      const seen = known.get(name);
      if (seen !== undefined && (await isSame(seen, secret))) continue;
      const salt = randomBytes(16);
      const fingerprint = await derive(secret, salt, 32);
      await putKnownCredential(database, channelConfigId, { name, salt, fingerprint });
    }
    await forgetCredentialsBut(database, channelConfigId, Object.keys(secrets));
  }
}

/** A secret that is on its way out is not due for anything. */
function secretsOf({ provider, config }: Channel): Record<string, string> {
  const names = provider.credentialFields
    .filter(({ name, isSecret }) => isSecret && !name.startsWith('previous'))
    .map(({ name }) => name);
  return Object.fromEntries(
    names.flatMap((name) => {
      const secret = config.credentials[name];
      return secret === undefined ? [] : [[name, secret]];
    }),
  );
}

async function isSame({ salt, fingerprint }: KnownCredential, secret: string): Promise<boolean> {
  return timingSafeEqual(await derive(secret, salt, 32), fingerprint);
}
