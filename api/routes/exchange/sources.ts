import { z } from 'zod';
import type { Database } from '../../../db/pool';
import {
  addRateSource,
  changeRateSource,
  findRateSource,
  listRateSources,
  type RateSourceRow,
} from '../../../db/stores/rate-sources-store';
import { parseSpread } from '../../../domain/exchange/conversion';
import { parsePath, type RateSource } from '../../../domain/exchange/rate-source';
import { publicId } from '../../../domain/ids';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { currencyInput } from '../../schemas/amount';
import { versionNumber } from '../../schemas/config-version';
import { idInPath, idOutput } from '../../schemas/ids';
import { listOf, toList } from '../../schemas/list';

const tag = 'Exchange';
const params = z.strictObject({ id: idInPath('rateSource') });

const path = z
  .string()
  .max(200)
  .refine((text) => parsePath(text) !== undefined, 'wants a path such as $.rates.TWD or data[0].mid');

const name = z
  .string()
  .regex(/^[a-z0-9_-]{2,40}$/, 'wants 2 to 40 of the characters a–z 0–9 _ -')
  .refine((text) => text !== 'manual' && text !== 'csv', 'is the name of another way in')
  .meta({ description: 'As it stands in its rates.' });

const content = {
  url: z
    .string()
    .max(2_048)
    .refine((text) => isAddress(text), 'wants an http or https address without a password in it')
    .meta({ description: '`{base}` in it stands for each base currency in turn.' }),
  pairs: z
    .array(
      z
        .strictObject({ base: currencyInput, quote: currencyInput, path })
        .refine(({ base, quote }) => base !== quote, 'is a currency in itself'),
    )
    .min(1)
    .max(200),
  observedAtPath: path.optional().meta({
    description:
      'Where the answer says when: ISO 8601, a day, or seconds since 1970. Without it, when it was fetched.',
  }),
  spreadPercent: z
    .string()
    .default('0')
    .refine((text) => parseSpread(text) !== undefined, 'wants a decimal from 0 to 50'),
  isEnabled: z.boolean().default(true),
};

const sourceOutput = z
  .object({
    id: idOutput('rateSource'),
    object: z.literal('rate_source'),
    name: z.string(),
    url: z.string(),
    pairs: z.array(z.object({ base: z.string(), quote: z.string(), path: z.string() })),
    observedAtPath: z.string().nullable(),
    spreadPercent: z.string(),
    isEnabled: z.boolean(),
    version: z.int(),
    changedBy: idOutput('apiKey'),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    fetchedAt: z.iso.datetime().nullable(),
    problem: z.string().nullable().meta({ description: 'What went wrong the last time; null: nothing.' }),
  })
  .meta({ id: 'RateSource' });

const fetchOutput = z
  .object({
    object: z.literal('rate_fetch'),
    added: z.int().meta({ description: 'Rates that were not known before.' }),
    problems: z.array(z.string()),
  })
  .meta({ id: 'RateFetch' });

export interface SourceRoutesDeps {
  database: Database;
  collectRates(source: RateSource): Promise<{ added: number; problems: string[] }>;
}

/** Sources of rates that are fetched over HTTP: on a schedule, and by hand. */
export function sourceRoutes(deps: SourceRoutesDeps): Route[] {
  const create = defineRoute({
    operationId: 'createRateSource',
    method: 'post',
    path: '/admin/exchange/sources',
    tag,
    summary: 'Add a source of rates that is fetched over HTTP',
    auth: 'admin',
    body: z.strictObject({ name, ...content }),
    responses: { 201: { description: 'The source.', body: sourceOutput } },
    errors: ['already_exists', 'currency_unknown'],
    handler: async ({ caller, body, idempotency }) => {
      const id = idempotency.resourceId;
      const isAdded = await addRateSource(deps.database, id, { ...body, changedBy: caller.keyId });
      const source = isAdded ? await findRateSource(deps.database, id) : undefined;
      return source === undefined
        ? fail('already_exists', { param: 'name' })
        : { status: 201 as const, body: present(source) };
    },
  });

  const change = defineRoute({
    operationId: 'changeRateSource',
    method: 'put',
    path: '/admin/exchange/sources/{id}',
    tag,
    summary: 'Change a source of rates, or switch it off',
    auth: 'admin',
    params,
    body: z.strictObject({ version: versionNumber.min(1), ...content }),
    responses: { 200: { description: 'The source.', body: sourceOutput } },
    errors: ['not_found', 'version_conflict', 'currency_unknown'],
    handler: async ({ caller, params: { id }, body: { version, ...wanted } }) => {
      const known = await findRateSource(deps.database, id);
      if (known === undefined) return fail('not_found');
      const next = { ...wanted, name: known.name, changedBy: caller.keyId };
      const isChanged = await changeRateSource(deps.database, id, version, next);
      const source = await findRateSource(deps.database, id);
      return !isChanged || source === undefined
        ? fail('version_conflict')
        : { status: 200 as const, body: present(source) };
    },
  });

  const list = defineRoute({
    operationId: 'listRateSources',
    method: 'get',
    path: '/admin/exchange/sources',
    tag,
    summary: 'List the sources of rates, and how the last fetch went',
    auth: 'admin',
    responses: { 200: { description: 'Up to 100 sources.', body: listOf(sourceOutput) } },
    errors: [],
    handler: async () => {
      const rows = await listRateSources(deps.database);
      return { status: 200 as const, body: toList(rows, rows.length, present) };
    },
  });

  const collect = defineRoute({
    operationId: 'fetchRates',
    method: 'post',
    path: '/admin/exchange/sources/{id}/fetch',
    tag,
    summary: 'Fetch the rates of a source now',
    description: 'What goes wrong stands in `problems`; the rates that were told are taken all the same.',
    auth: 'admin',
    params,
    responses: { 200: { description: 'How it went.', body: fetchOutput } },
    errors: ['not_found'],
    handler: async ({ params: { id } }) => {
      const source = await findRateSource(deps.database, id);
      if (source === undefined) return fail('not_found');
      return {
        status: 200 as const,
        body: { object: 'rate_fetch' as const, ...(await deps.collectRates(source)) },
      };
    },
  });

  return [create, change, list, collect];
}

/** Secrets do not belong into addresses, which stand in lists and logs. */
function isAddress(text: string): boolean {
  const address = text.replaceAll('{base}', 'USD');
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  return /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}

function present(row: RateSourceRow): z.input<typeof sourceOutput> {
  return {
    id: publicId('rateSource', row.id),
    object: 'rate_source',
    name: row.name,
    url: row.url,
    pairs: [...row.pairs],
    observedAtPath: row.observedAtPath ?? null,
    spreadPercent: row.spreadPercent,
    isEnabled: row.isEnabled,
    version: row.version,
    changedBy: publicId('apiKey', row.changedBy),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    fetchedAt: row.fetchedAt?.toISOString() ?? null,
    problem: row.fetchProblem ?? null,
  };
}
