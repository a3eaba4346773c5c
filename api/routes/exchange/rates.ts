import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { addRates, findRate, listRates } from '../../../db/stores/exchange-rates-store';
import { importRates } from '../../../db/stores/rate-imports';
import { checkRate } from '../../../domain/exchange/check-rate';
import { publicId } from '../../../domain/ids';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { currencyInput } from '../../schemas/amount';
import { listOf, pageQuery, toList } from '../../schemas/list';
import { importBody, importOutput, newRate, presentRate, rateOutput } from './messages';
import { readRateFile } from './rate-file';

const tag = 'Exchange';

/** A file of as many lines as may be has some 400 KB. */
const importBytesMax = 1_100_000;

/** Rates, for operators: written once, the newest of a pair holds. */
export function rateRoutes(deps: { database: Database; newId(): string }): Route[] {
  const create = defineRoute({
    operationId: 'createExchangeRate',
    method: 'post',
    path: '/admin/exchange/rates',
    tag,
    summary: 'Enter a rate by hand',
    description:
      'The newest rate of a pair holds, whatever its source. A wrong one is followed by a right one.',
    auth: 'admin',
    body: newRate,
    responses: { 201: { description: 'The rate.', body: rateOutput } },
    errors: ['already_exists', 'currency_unknown'],
    handler: async ({ caller, body, idempotency }) => {
      const now = new Date();
      const checked = checkRate({ ...body, observedAt: body.observedAt ?? now.toISOString() }, now);
      if (!checked.ok) {
        const { field, message } = checked.problem;
        return fail('parameter_invalid', { param: field, message: `${field}: ${message}.` });
      }
      const id = idempotency.resourceId;
      const recordedBy = publicId('apiKey', caller.keyId);
      await addRates(deps.database, [{ ...checked.rate, id, source: 'manual', recordedBy }]);
      const rate = await findRate(deps.database, id);
      return rate === undefined
        ? fail('already_exists', { message: 'A rate of this pair and moment was entered before.' })
        : { status: 201 as const, body: presentRate(rate) };
    },
  });

  const list = defineRoute({
    operationId: 'listExchangeRates',
    method: 'get',
    path: '/admin/exchange/rates',
    tag,
    summary: 'List rates, the last written first',
    auth: 'admin',
    query: z.strictObject({
      ...pageQuery('exchangeRate'),
      base: currencyInput.optional(),
      quote: currencyInput.optional(),
      source: z
        .string()
        .regex(/^[a-z0-9_-]{2,40}$/, 'wants 2 to 40 of the characters a–z 0–9 _ -')
        .optional(),
    }),
    responses: { 200: { description: 'One page of rates.', body: listOf(rateOutput) } },
    errors: ['currency_unknown'],
    handler: async ({ query }) => {
      const rows = await listRates(deps.database, query);
      return { status: 200 as const, body: toList(rows, query.limit, presentRate) };
    },
  });

  const importFile = defineRoute({
    operationId: 'importExchangeRates',
    method: 'post',
    path: '/admin/exchange/rates/import',
    tag,
    summary: 'Import rates from a CSV file: all of them or none',
    description:
      'The first line names the columns: base, quote, rate, observedAt and, if you like, spreadPercent. Every line that is wrong is named in `problems`. The same file again changes nothing.',
    auth: 'admin',
    body: importBody,
    bodyBytesMax: importBytesMax,
    responses: { 201: { description: 'All of them are known now.', body: importOutput } },
    errors: ['import_refused'],
    handler: async ({ caller, body }) => {
      const file = readRateFile(body.csv, body.spreadPercent, new Date());
      if (!file.ok) return fail('import_refused', { problems: file.problems });
      const recordedBy = publicId('apiKey', caller.keyId);
      const rates = file.rates.map((rate) => ({ ...rate, id: deps.newId(), source: 'csv', recordedBy }));
      const { added, conflicts } = await importRates(deps.database, rates);
      if (conflicts.length > 0) {
        const problems = conflicts.map(({ base, quote, observedAt }) => ({
          param: `${base}/${quote} ${observedAt.toISOString()}`,
          message: 'Another rate of this pair and moment was imported before.',
        }));
        return fail('import_refused', { problems });
      }
      const told = { object: 'exchange_rate_import' as const, rates: rates.length, added };
      return { status: 201 as const, body: told };
    },
  });

  return [create, list, importFile];
}
