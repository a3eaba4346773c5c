import { z } from 'zod';
import { ApiError } from '../../../api/errors';
import { InexactNumber } from '../../../api/json';
import { validate } from '../../../api/middleware/validate';
import { createRoutes, type RoutesDeps } from '../../../api/routes';
import { inPlainWords } from '../../../config/plain-words';
import { aliyunConfiguration } from '../../../integrations/messaging/aliyun/configuration';
import { sendgridConfiguration } from '../../../integrations/messaging/sendgrid/configuration';
import { createHttpEndpoint } from '../../../integrations/services/http-endpoint';
import { twilioConfiguration } from '../../../integrations/messaging/twilio/configuration';

/** Values of every kind, and too short, too long, too small and too large of each. */
const wrong: unknown[] = [
  ...['', ' ', 'x', 'é', '@', '0', '-1', 'null', 'javascript:alert(1)', '2026-13-01', 'x'.repeat(100_000)],
  ...[0, -1, 0.5, 1e15, -1e15, new InexactNumber('1e400'), true, false, null],
  ...[[], [''], [null], [{}], Array.from({ length: 2_000 }, (_, index) => `x${index}`)],
  ...[{}, { a: 1 }, { a: 'x' }, { '': '' }, { USD: {} }, { USD: { min: 1, nothing: 1 } }],
  Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`x${index}`, `x${index}`])),
];

const zodsOwn = /Invalid |Too (big|small)|\bexpected\b|Unrecognized|wants another form|undefined|NaN/;

/** The schema and all that it is made of. */
function* partsOf(schema: z.core.$ZodType, at: string): Generator<[string, z.ZodType], void> {
  yield [at, schema as z.ZodType];
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      for (const [name, part] of Object.entries(def.shape)) yield* partsOf(part, `${at}.${name}`);
      return;
    case 'array':
      return yield* partsOf(def.element, `${at}[]`);
    case 'record':
      yield* partsOf(def.keyType, `${at}{name}`);
      return yield* partsOf(def.valueType, `${at}{}`);
    case 'union':
      for (const [index, part] of def.options.entries()) yield* partsOf(part, `${at}|${index}`);
      return;
    case 'pipe':
      return yield* partsOf(def.in, at);
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'catch':
    case 'readonly':
      return yield* partsOf(def.innerType, at);
    default:
      return;
  }
}

const routes = createRoutes(new Proxy({}, {}) as RoutesDeps);
const schemas = routes.flatMap(({ operationId, params, query, body }) =>
  Object.entries({ params, query, body }).flatMap(([where, schema]) =>
    schema === undefined ? [] : [[`${where} of ${operationId}`, schema] as const],
  ),
);

/** Checked by the route of services, each by its kind. */
const configurations = [
  ['configurations of an endpoint', createHttpEndpoint({} as never, 'OTHER' as never).configurationSchema],
  ['configurations of aliyun', aliyunConfiguration],
  ['configurations of sendgrid', sendgridConfiguration],
  ['configurations of twilio', twilioConfiguration],
] as const;

it.each([...schemas, ...configurations])('%s speaks plainly of all that is wrong', (name, schema) => {
  const said = [...partsOf(schema, name)].flatMap(([at, part]) =>
    wrong.flatMap((value) => {
      const issues = part.safeParse(value, { error: inPlainWords }).error?.issues ?? [];
      return [...issues.map(({ message }) => message), refusal(part, value)].map((text) => `${at}: ${text}`);
    }),
  );
  expect(said.length).toBeGreaterThan(0);
  expect([...new Set(said)].filter((text) => zodsOwn.test(text))).toEqual([]);
});

function refusal(schema: z.ZodType, value: unknown): string {
  try {
    validate(schema, value);
    return '';
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
}

it.each<[z.ZodType, unknown, string]>([
  [z.enum(['card', 'wallet']), 'gold', 'wants one of card, wallet'],
  [z.literal('a'), 'b', 'wants a'],
  [z.string(), 5, 'wants a text'],
  [z.int(), 0.5, 'wants a whole number'],
  [z.int().max(5), 6, 'wants at most 5'],
  [z.int().min(2), 1, 'wants at least 2'],
  [z.string().min(1), '', 'must not be empty'],
  [z.string().min(2), 'x', 'wants at least 2 characters'],
  [z.string().length(2), 'xyz', 'wants exactly 2 characters'],
  [z.array(z.string()).max(1), ['a', 'b'], 'wants at most 1 items'],
  [z.email(), 'ada', 'wants a mail address, such as ada@example.com'],
  [z.union([z.ipv4(), z.ipv6()]), 'x', 'wants an IPv4 address, or an IPv6 address'],
  [z.union([z.string(), z.int()]), true, 'wants a text, or a whole number'],
  [z.union([z.string('is no text'), z.int()]), true, 'is no text, or wants a whole number'],
  [z.int().min(60).max(90).optional(), 'abc', 'wants a whole number'],
  [z.coerce.number().int().positive(), 'abc', 'wants a whole number'],
  [z.number(), 'abc', 'wants a number'],
  [z.string().regex(/^a$/, 'wants the letter a'), 'b', 'wants the letter a'],
])('%# %j is answered: %s', (schema, value, text) => {
  expect(schema.safeParse(value, { error: inPlainWords }).error?.issues[0]?.message).toBe(text);
});
