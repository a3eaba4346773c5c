import type { z } from 'zod';

type Issue = Parameters<z.core.$ZodErrorMap>[0];

/**
 * What is wrong with a value, in words that go on after its name: `country: wants one of TW, US`. What a schema says
 * itself comes before this; a pattern has to, for nobody reads a wish out of one.
 */
export function inPlainWords(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `wants ${types[wantsWhole(issue.inst) ? 'int' : issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `wants ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'too_big':
      return size(
        issue.origin,
        issue.maximum,
        issue.exact ? 'exactly' : issue.inclusive ? 'at most' : 'less than',
      );
    case 'too_small':
      if (issue.minimum === 1 && issue.origin in units) return 'must not be empty';
      return size(
        issue.origin,
        issue.minimum,
        issue.exact ? 'exactly' : issue.inclusive ? 'at least' : 'more than',
      );
    case 'invalid_format':
      if (issue.format === 'starts_with') return `must begin with ${String(issue.prefix)}`;
      return `wants ${formats[issue.format] ?? 'another form'}`;
    case 'not_multiple_of':
      return `wants a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `does not know ${issue.keys.join(', ')}`;
    case 'invalid_union':
      return oneOf(issue);
    case 'invalid_key':
      return `has a name in it that can not be: ${issue.issues[0]?.message ?? 'it is none'}`;
    default:
      return 'has a value that it can not have';
  }
}

/** What is no number at all is told of a whole one as of any other. */
function wantsWhole(schema: Issue['inst']): boolean {
  return schema !== undefined && 'isInt' in schema && schema.isInt === true;
}

const types: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

const units: Readonly<Record<string, string>> = {
  string: ' characters',
  array: ' items',
  record: ' entries',
  map: ' entries',
  object: ' entries',
};

const formats: Readonly<Record<string, string>> = {
  email: 'a mail address, such as ada@example.com',
  url: 'an address, such as https://example.com',
  uuid: 'a UUID',
  datetime: 'a time, such as 2026-01-31T00:00:00Z',
  date: 'a date, such as 2026-01-31',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  cidrv4: 'a range of IPv4 addresses, such as 192.0.2.0/24',
  cidrv6: 'a range of IPv6 addresses, such as 2001:db8::/32',
  base64: 'what is encoded as base64',
};

function size(origin: string, limit: number | bigint, bound: string): string {
  return `wants ${bound} ${limit}${units[origin] ?? ''}`;
}

const wants = 'wants ';

/** What each of the choices says, once, and "wants" but once; of an object the first field that is wrong. */
function oneOf(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  const said = issue.errors.flatMap(([first]) => {
    if (first === undefined) return [];
    const at = first.path.map(String).join('.');
    return [at === '' ? first.message : `${at} ${first.message}`];
  });
  const [first, ...others] = new Set(said);
  if (first === undefined) return 'has a value that it can not have';
  const again = first.startsWith(wants) ? wants : '';
  return [first, ...others.map((text) => (text.startsWith(again) ? text.slice(again.length) : text))].join(
    ', or ',
  );
}
