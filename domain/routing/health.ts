import { addSeen, nothingSeen, type Seen } from './window';

/** Whether a channel is kept from the traffic of others, and since which second. */
export interface Health {
  isAiling: boolean;
  sinceSecond: number;
}

export interface HealthLook {
  sum: Seen;
  /** What its health has to become, and why; undefined: it stays. */
  turn?: { isAiling: boolean; why: string };
  isProbeDue: boolean;
}

/** The newest calls decide, so many of them if there are so many. */
const newestCalls = 20;
/** With fewer than so many a failure may be chance. */
const callsMin = 5;
const failedShareMax = 0.3;
/** After so many good calls in a row it has its traffic back. */
const successesToReturn = 3;
/** While its last call was good the next one may follow soon. */
const soonSeconds = 1;
const probeSecondsMax = 120;

/** What the last minutes, newest second first, say about a channel. Seconds before its last turn don't count. */
export function lookAt(
  entries: readonly { second: number; seen: Seen }[],
  health: Health | undefined,
  about: { nowSecond: number; everySeconds: number; probedSecond?: number },
): HealthLook {
  const since = health?.sinceSecond ?? 0;
  const sum = entries.reduce((total, { seen }) => addSeen(total, seen), nothingSeen);
  const own = entries.filter(({ second }) => second > since);
  const lastCall = own.find(({ seen }) => seen.calls > 0)?.second ?? since;
  // One that is on its way counts as a call: two processes need not ask the same.
  const quietSeconds = about.nowSecond - Math.max(lastCall, about.probedSecond ?? 0);
  if (health?.isAiling !== true) {
    const why = failing(own);
    const isProbeDue = quietSeconds >= about.everySeconds;
    return { sum, isProbeDue, ...(why !== undefined && { turn: { isAiling: true, why } }) };
  }
  const good = goodInARow(own);
  if (good >= successesToReturn) {
    return { sum, isProbeDue: false, turn: { isAiling: false, why: `${good} calls in a row went well` } };
  }
  const spacing = good > 0 ? soonSeconds : spacingOf(about.nowSecond - since, about.everySeconds);
  return { sum, isProbeDue: quietSeconds >= spacing };
}

/** The longer it has been ill the less often it is tried. */
function spacingOf(illSeconds: number, everySeconds: number): number {
  return Math.min(Math.max(everySeconds, illSeconds / 3), Math.max(probeSecondsMax, everySeconds));
}

function failing(entries: readonly { seen: Seen }[]): string | undefined {
  let newest: Seen = nothingSeen;
  for (const { seen } of entries) {
    if (newest.calls >= newestCalls) break;
    newest = addSeen(newest, seen);
  }
  if (newest.calls < callsMin || newest.failed / newest.calls < failedShareMax) return undefined;
  return `${newest.failed} of the last ${newest.calls} calls failed`;
}

/** Seconds are the finest there is: one with a failure in it ends the row. */
function goodInARow(entries: readonly { seen: Seen }[]): number {
  let good = 0;
  for (const { seen } of entries) {
    if (seen.failed > 0) break;
    good += seen.calls;
  }
  return good;
}
