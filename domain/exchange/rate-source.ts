export interface RatePair {
  base: string;
  quote: string;
  /** Where in the answer the rate stands: `$.rates.TWD`, `data[0].mid`, `['a.b'].c`. */
  path: string;
}

export interface RateSource {
  id: string;
  name: string;
  /** `{base}` in it stands for each base in turn. */
  url: string;
  pairs: readonly RatePair[];
  /** Where the answer says when it was observed; without one it is now. */
  observedAtPath?: string;
  spreadPercent: string;
  isEnabled: boolean;
}

const step = /^(?:\.?([A-Za-z_][A-Za-z0-9_-]*)|\[([0-9]{1,6})\]|\['([^']{1,100})'\])/;
const stepsMax = 20;

/** The keys that lead to a place in a JSON document; undefined if the text is no path. */
export function parsePath(text: string): string[] | undefined {
  let rest = text.startsWith('$') ? text.slice(1) : text;
  if (rest.startsWith('.') && !text.startsWith('$')) return undefined;
  const steps: string[] = [];
  while (rest !== '') {
    const match = step.exec(rest);
    const key = match?.[1] ?? match?.[2] ?? match?.[3];
    if (match === null || key === undefined || steps.length === stepsMax) return undefined;
    // After the first step names are set apart by a point.
    if (match[1] !== undefined && steps.length > 0 && !rest.startsWith('.')) return undefined;
    steps.push(key);
    rest = rest.slice(match[0].length);
  }
  return steps.length === 0 ? undefined : steps;
}

export function valueAt(document: unknown, path: readonly string[]): unknown {
  let at = document;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

/** A JSON number may have an exponent (3.2e-7); a rate is a plain decimal. Nothing is rounded. */
export function plainDecimal(text: string): string {
  const match = /^([0-9]+)(?:\.([0-9]+))?[eE]([+-]?[0-9]{1,2})$/.exec(text);
  if (match === null) return text;
  const [, whole = '', decimals = '', exponent = '0'] = match;
  const shift = Number(exponent) - decimals.length;
  const digits = whole + decimals;
  if (shift >= 0) return trimmed(digits + '0'.repeat(shift));
  const padded = digits.padStart(1 - shift, '0');
  return trimmed(`${padded.slice(0, shift)}.${padded.slice(shift)}`);
}

function trimmed(text: string): string {
  const short = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return short.replace(/^0+(?=[0-9])/, '');
}

/** Milliseconds from here on, seconds before: no rate was observed before 2001, or will be in the year 33658. */
const millisecondsFrom = 1_000_000_000_000;

/** ISO, a day alone, or seconds or milliseconds since 1970: sources write all of these. */
export function readMoment(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (/^[0-9]{1,13}$/.test(value)) {
    const count = Number(value);
    return new Date(count < millisecondsFrom ? count * 1_000 : count).toISOString();
  }
  return /^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T00:00:00Z` : value;
}
