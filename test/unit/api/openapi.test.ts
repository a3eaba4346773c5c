import { readFileSync } from 'node:fs';
import path from 'node:path';
import SwaggerParser from '@apidevtools/swagger-parser';
import { errorsAsHtml, errorsAsMarkdown } from '../../../api/errors-page';
import { errorRules } from '../../../api/errors';
import { currentDocument, documentAsYaml } from '../../../api/openapi/current';

const inDocs = (name: string) => readFileSync(path.join(__dirname, '../../../docs', name), 'utf8');
const document = currentDocument();

it('is a valid OpenAPI 3.1 document', async () => {
  const copy = JSON.parse(JSON.stringify(document)) as Parameters<typeof SwaggerParser.validate>[0];
  const valid = (await SwaggerParser.validate(copy)) as unknown as { openapi: string };
  expect(valid.openapi).toBe('3.1.0');
});

it('the validator can say no', async () => {
  const broken = { ...JSON.parse(JSON.stringify(document)), paths: { 'no-slash': { get: {} } } } as never;
  await expect(SwaggerParser.validate(broken)).rejects.toThrow();
});

it('docs/api-spec.yaml is what the routes say; if not: npm run openapi', () => {
  expect(inDocs('api-spec.yaml')).toBe(documentAsYaml(document));
});

it('docs/errors.md is what the table says; if not: npm run openapi', () => {
  expect(inDocs('errors.md')).toBe(errorsAsMarkdown());
});

it('has a place for every docUrl to point to', () => {
  const html = errorsAsHtml();
  for (const code of Object.keys(errorRules)) expect(html).toContain(`id="${code}"`);
});

describe.each(
  Object.entries(document.paths).flatMap(([at, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method} ${at}`, at, operation] as const),
  ),
)('%s', (_name, at, operation) => {
  const { operationId, summary, responses, parameters, requestBody } = operation as {
    operationId: string;
    summary: string;
    responses: Record<string, { content?: Record<string, { schema: unknown }> }>;
    parameters?: unknown[];
    requestBody?: { content: Record<string, { schema: Record<string, unknown> }> };
  };

  it('says what it is and what it may answer', () => {
    expect(operationId).toMatch(/^[a-z][A-Za-z]+$/);
    expect(summary.length).toBeGreaterThan(5);
    expect(Object.keys(responses).some((status) => status.startsWith('2'))).toBe(true);
    expect(Object.keys(responses).some((status) => status.startsWith('5'))).toBe(true);
    for (const name of at.match(/(?<=\{)\w+/g) ?? []) {
      expect(parameters).toContainEqual(expect.objectContaining({ name, in: 'path', required: true }));
    }
  });

  it('refuses unknown fields in its body', () => {
    const schema = requestBody?.content['application/json']?.schema;
    if (schema === undefined) return;
    const named = typeof schema.$ref === 'string' ? schema.$ref.split('/').pop() : undefined;
    const resolved = named === undefined ? schema : document.components.schemas[named];
    expect(resolved?.additionalProperties).toBe(false);
  });
});

it('no two operations have the same id', () => {
  const ids = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map((operation) => (operation as { operationId: string }).operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
});
