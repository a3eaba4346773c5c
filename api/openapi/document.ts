import type { z } from 'zod';
import { errorRules, type ErrorCode } from '../errors';
import { fullPath, type Route } from '../route';
import { impliedErrors } from '../implied-errors';
import { merchantWebhooks, webhookPaths } from './webhooks';
import { SchemaBook, type JsonSchema } from './schemas';

export interface OpenApiDocument {
  openapi: '3.1.0';
  paths: Record<string, Record<string, unknown>>;
  components: { schemas: Record<string, JsonSchema>; [kind: string]: unknown };
  [part: string]: unknown;
}

/** The API's document, from the same declarations that validate and answer. */
export function buildDocument(routes: readonly Route[], version: string): OpenApiDocument {
  const book = new SchemaBook();
  const paths: Record<string, Record<string, unknown>> = { ...webhookPaths };
  for (const route of routes) {
    (paths[fullPath(route)] ??= {})[route.method] = operation(route, book);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Durapay',
      version,
      description:
        'A self-hosted payment platform. Amounts are decimal strings; lists are read with `limit` and `startingAfter`; ' +
        'every POST takes an `Idempotency-Key`; every error names what to do about it.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set([...routes.map(({ tag }) => tag), 'Webhooks'])].map((name) => ({ name })),
    paths: Object.fromEntries(Object.entries(paths).sort(([left], [right]) => (left < right ? -1 : 1))),
    webhooks: merchantWebhooks,
    components: {
      schemas: { ...sorted(book.components), Error: errorSchema },
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key: `dp_test_…`, `dp_live_…`, `dp_admin_…`.',
        },
      },
      parameters: { IdempotencyKey: idempotencyKey },
      headers: {
        RequestId: { description: 'Names this request in logs.', schema: { type: 'string' } },
        RetryAfter: { description: 'Seconds to wait before repeating.', schema: { type: 'integer' } },
      },
    },
  };
}

function operation(route: Route, book: SchemaBook): Record<string, unknown> {
  const parameters = [
    ...parametersOf('path', route.params, book),
    ...parametersOf('query', route.query, book),
    ...(takesIdempotencyKey(route) ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : []),
  ];
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    security: route.auth === 'public' ? [] : [{ apiKey: [] }],
    'x-permission': route.auth,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: json(book.request(route.body)) } }),
    responses: { ...errorResponses(route), ...answers(route, book) },
  };
}

function answers(route: Route, book: SchemaBook): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(route.responses).map(([status, { description, body, streams }]) => [
      status,
      {
        description,
        headers: { 'Request-Id': { $ref: '#/components/headers/RequestId' } },
        ...(body === undefined ? {} : { content: { ...json(book.response(body)), ...asCsv(route) } }),
        ...(streams === undefined ? {} : { content: { [streams]: { schema: { type: 'string' } } } }),
      },
    ]),
  );
}

function asCsv({ csvBy }: Route): Record<string, unknown> {
  return csvBy === undefined ? {} : { 'text/csv': { schema: { type: 'string' } } };
}

function errorResponses(route: Route): Record<string, unknown> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set([...route.errors, ...impliedErrors(route)])) {
    const { status } = errorRules[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\`: ${errorRules[code].message}`).join('\n'),
        headers: {
          'Request-Id': { $ref: '#/components/headers/RequestId' },
          ...(codes.some((code) => errorRules[code].retryAfterSeconds !== undefined)
            ? { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } }
            : {}),
        },
        content: json({ $ref: '#/components/schemas/Error' }),
      },
    ]),
  );
}

function parametersOf(place: 'path' | 'query', schema: z.ZodType | undefined, book: SchemaBook): unknown[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = book.request(schema) as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

function takesIdempotencyKey(route: Route): boolean {
  return route.method === 'post' && route.auth !== 'public';
}

function json(schema: JsonSchema) {
  return { 'application/json': { schema } };
}

function sorted(schemas: Record<string, JsonSchema>): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(schemas).sort(([left], [right]) => (left < right ? -1 : 1)));
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Repeating a request with the same key gives the first answer again (with `Idempotent-Replayed: true`) for 24 hours. ' +
    '5xx, 403, 408, 409 and 429 are not kept, nor what is refused before the work begins (401, a body that does not fit): a repeat is looked at anew.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
};

const errorSchema: JsonSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['type', 'code', 'message', 'requestId', 'docUrl'],
      properties: {
        type: {
          type: 'string',
          enum: [...new Set(Object.values(errorRules).map(({ type }) => type))].sort(),
        },
        code: { type: 'string', enum: Object.keys(errorRules).sort() },
        message: { type: 'string', description: 'What is wrong and what to do about it.' },
        param: { type: 'string', description: 'The offending parameter, as in `limits.USD.max`.' },
        problems: {
          type: 'array',
          description: 'Where several fields may be wrong: each of them.',
          items: {
            type: 'object',
            required: ['param', 'message'],
            properties: { param: { type: 'string' }, message: { type: 'string' } },
          },
        },
        requestId: { type: 'string' },
        docUrl: { type: 'string', format: 'uri' },
      },
    },
  },
};
