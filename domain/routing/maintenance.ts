/** Once, between two moments; or every day between two times of day (UTC, HH:MM), over midnight if need be. */
export type MaintenanceWindow = { from: string; until: string } | { dailyFrom: string; dailyUntil: string };

/** The window that holds now, if one does. */
export function maintenanceAt(
  windows: readonly MaintenanceWindow[],
  now: number,
): MaintenanceWindow | undefined {
  return windows.find((window) => isWithin(window, now));
}

export function describeMaintenance(window: MaintenanceWindow): string {
  return 'from' in window
    ? `from ${window.from} until ${window.until}`
    : `daily from ${window.dailyFrom} until ${window.dailyUntil} UTC`;
}

function isWithin(window: MaintenanceWindow, now: number): boolean {
  if ('from' in window) return Date.parse(window.from) <= now && now < Date.parse(window.until);
  const minute = Math.floor(now / 60_000) % 1_440;
  const from = minuteOf(window.dailyFrom);
  const until = minuteOf(window.dailyUntil);
  return from <= until ? from <= minute && minute < until : minute >= from || minute < until;
}

function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}
