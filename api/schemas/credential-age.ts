import { z } from 'zod';
import { credentialDays, credentialDaysMax, isDueForRotation } from '../../domain/channel/credential-age';

export const credentialAgeOutput = z
  .object({ changedAt: z.iso.datetime(), ageDays: z.int(), isDue: z.boolean() })
  .meta({
    id: 'CredentialAge',
    description: `How old the oldest secret of a channel is, by a daily look; due to be changed after ${credentialDaysMax} days.`,
  });

export function presentCredentialAge(since: Date, now: Date): z.input<typeof credentialAgeOutput> {
  return {
    changedAt: since.toISOString(),
    ageDays: credentialDays(since, now),
    isDue: isDueForRotation(since, now),
  };
}
