import { isSafeNumber, parse } from 'lossless-json';

/** A JSON number that a double can't hold digit for digit, or with an exponent: schemas refuse it, amounts say why. */
export class InexactNumber {
  constructor(readonly text: string) {}
}

/**
 * JSON as it was sent: a key that stands twice with two values is an error (two readers could take different
 * ones), and a number never turns into its neighbour.
 */
export function parseJson(text: string): unknown {
  const value = parse(text, undefined, (digits) =>
    isSafeNumber(digits) && !/e/i.test(digits) ? Number(digits) : new InexactNumber(digits),
  );
  if (isDeeperThan(value, depthMax)) throw new SyntaxError(`More than ${depthMax} levels.`);
  return value;
}

/** No message here is deeper; what walks a body may recurse. */
const depthMax = 32;

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((item) => isDeeperThan(item, depth - 1));
}

export interface JsonText {
  path: string;
  text: string;
}

/** Every string, number and key in a value, with the path it stands at. */
export function* textsOf(value: unknown, path = ''): Generator<JsonText> {
  if (typeof value === 'string') yield { path, text: value };
  else if (typeof value === 'number') yield { path, text: String(value) };
  else if (value instanceof InexactNumber) yield { path, text: value.text };
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* textsOf(item, `${path}[${index}]`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      yield { path, text: key };
      yield* textsOf(item, path === '' ? key : `${path}.${key}`);
    }
  }
}

/** One text for equal values, whatever the order of their keys: what is hashed to know a repeated request. */
export function canonicalJson(value: unknown): string {
  if (value instanceof InexactNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
