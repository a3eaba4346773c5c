/** Every secret at a provider is to be changed after so long. */
export const credentialDaysMax = 90;

const dayMs = 86_400_000;

export function credentialDays(since: Date, now: Date): number {
  return Math.max(0, Math.floor((now.getTime() - since.getTime()) / dayMs));
}

export function isDueForRotation(since: Date, now: Date): boolean {
  return credentialDays(since, now) >= credentialDaysMax;
}
