import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { auditInvariants } from '../../../db/read-models/invariants';
import { defineRoute, type Route } from '../../route';

const secondsInput = z
  .string()
  .default('10')
  .transform((text, ctx) => {
    if (/^[1-9][0-9]?$/.test(text) && Number(text) <= 30) return Number(text);
    ctx.addIssue({ code: 'custom', message: 'wants a whole number from 1 to 30' });
    return z.NEVER;
  })
  .meta({ description: 'How long each check may take, 1 to 30 seconds.' });

const auditOutput = z
  .object({
    object: z.literal('audit'),
    isSound: z.boolean().meta({ description: 'Every check saw everything and found nothing broken.' }),
    at: z.iso.datetime(),
    checks: z.array(
      z.object({
        name: z.string(),
        promise: z.string(),
        checked: z.int(),
        broken: z.int(),
        offenders: z.array(z.string()).meta({ description: 'The first of them.' }),
        isComplete: z.boolean().meta({ description: 'false: the time was over before all was seen.' }),
        note: z.string().nullable(),
        tookMs: z.int(),
      }),
    ),
  })
  .meta({ id: 'Audit' });

export function auditRoutes(deps: { database: Database }): Route[] {
  const audit = defineRoute({
    operationId: 'auditInvariants',
    method: 'get',
    path: '/admin/audit/invariants',
    tag: 'Ledger',
    summary: 'Hold the promises about money against the rows, while the platform runs',
    auth: 'admin',
    query: z.strictObject({ secondsMax: secondsInput }),
    responses: { 200: { description: 'What was checked and what was found.', body: auditOutput } },
    errors: [],
    handler: async ({ query }) => {
      const checks = await auditInvariants(deps.database, { msMaxEach: query.secondsMax * 1_000 });
      return {
        status: 200 as const,
        body: {
          object: 'audit' as const,
          isSound: checks.every(({ broken, isComplete }) => broken === 0 && isComplete),
          at: new Date().toISOString(),
          checks,
        },
      };
    },
  });
  return [audit];
}
