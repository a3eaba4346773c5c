const time = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** A time and its zone, such as 2026-01-31T09:30:00Z. `Date` makes 2 March of 30 February: here it is no time at all. */
export function parseMoment(text: string): Date | undefined {
  const day = time.exec(text)?.[1];
  return day !== undefined && isDay(day) ? validDate(text) : undefined;
}

function isDay(day: string): boolean {
  return validDate(`${day}T00:00:00Z`)?.toISOString().startsWith(day) === true;
}

function validDate(text: string): Date | undefined {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
