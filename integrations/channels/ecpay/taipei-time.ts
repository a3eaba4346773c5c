import { parseMoment } from '../../../domain/moment';

/** ECPay's clock stands in Taipei, which knows no summer time. */

const offsetMs = 8 * 3_600_000;
const dayMs = 86_400_000;

/** `2026/01/01 08:00:00` */
export function taipeiTime(at: Date): string {
  return shifted(at).slice(0, 19).replace('T', ' ').replaceAll('-', '/');
}

/** `2026-01-01` */
export function taipeiDate(at: Date): string {
  return shifted(at).slice(0, 10);
}

/** Reads `2026/01/01 08:00:00`, with strokes or hyphens, and a bare day as its end; undefined for anything else. */
export function instantOf(text: string): Date | undefined {
  const match = /^(\d{4})[/-](\d\d)[/-](\d\d)(?: (\d\d:\d\d:\d\d))?$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, time = '23:59:59'] = match;
  return parseMoment(`${year}-${month}-${day}T${time}+08:00`);
}

/**
 * From 20:15 to 20:30 ECPay closes the day and asks to be left alone with captures and refunds. A minute on either
 * side is for clocks that differ and calls that take their time.
 */
const usualClosing = '20:14-20:31';

/** When the closing that runs at this moment ends; undefined outside of it. `hours` that do not read are the usual. */
export function closingEnd(at: Date, hours = usualClosing): Date | undefined {
  if (hours === 'none') return undefined;
  const { begin, end } = hoursOf(hours) ?? hoursOf(usualClosing)!;
  const sinceMidnightMs = (at.getTime() + offsetMs) % dayMs;
  const sinceBeginMs = (sinceMidnightMs - begin + dayMs) % dayMs;
  const lengthMs = (end - begin + dayMs) % dayMs;
  return sinceBeginMs < lengthMs ? new Date(at.getTime() + lengthMs - sinceBeginMs) : undefined;
}

/** `20:14-20:31` or, to the second, `20:14:30-20:31:00`: milliseconds since midnight. */
function hoursOf(text: string): { begin: number; end: number } | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?-([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(
    text,
  );
  if (match === null) return undefined;
  const [hour, minute, second, hourEnd, minuteEnd, secondEnd] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  const ms = (h = 0, m = 0, s = 0) => ((h * 60 + m) * 60 + s) * 1_000;
  return { begin: ms(hour, minute, second), end: ms(hourEnd, minuteEnd, secondEnd) };
}

function shifted(at: Date): string {
  return new Date(at.getTime() + offsetMs).toISOString();
}
