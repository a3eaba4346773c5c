import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { auditInvariants, invariantNames, UnknownPlace } from '../../../db/read-models/invariants';
import { fail } from '../../errors';
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

const query = z.strictObject({
  secondsMax: secondsInput,
  check: z
    .enum(invariantNames)
    .optional()
    .meta({ description: 'One of the checks; all of them by default.' }),
  after: z
    .string()
    .max(2_000)
    .optional()
    .meta({ description: 'Where to go on: what `next` of this check said.' }),
});

const auditOutput = z
  .object({
    object: z.literal('audit'),
    isSound: z.boolean().meta({
      description:
        'Every check that was asked for saw everything in this one answer, and found nothing broken.',
    }),
    at: z.iso.datetime(),
    checks: z.array(
      z.object({
        name: z.string(),
        promise: z.string(),
        checked: z.int(),
        broken: z.int(),
        offenders: z.array(z.string()).meta({ description: 'The first of them.' }),
        isComplete: z.boolean().meta({
          description:
            'true: everything was seen, from where it began (`after`) to the end. false: the time was over first, or ' +
            'something could not be read and what came after it was left out; that is among the offenders.',
        }),
        next: z.string().nullable().meta({
          description: 'Given back as `after` with this `check`, it goes on there; null: nothing is left.',
        }),
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
    description:
      'Nothing is kept of it: each answer is what was looked at between its asking and `at`. What takes longer than the ' +
      'time that is given says where to go on; `npm run audit` follows that to the end.',
    auth: 'admin',
    query,
    responses: { 200: { description: 'What was checked and what was found.', body: auditOutput } },
    errors: [],
    handler: async ({ query: { secondsMax, check, after } }) => {
      if (after !== undefined && check === undefined) {
        return fail('parameter_missing', { param: 'check', message: 'Say which check goes on after that.' });
      }
      const only = check === undefined ? undefined : { name: check, after };
      const checks = await auditInvariants(deps.database, { msMaxEach: secondsMax * 1_000, only }).catch(
        (error: unknown) => {
          if (error instanceof UnknownPlace) return undefined;
          throw error;
        },
      );
      if (checks === undefined) {
        return fail('parameter_invalid', { param: 'after', message: 'Give back what `next` said.' });
      }
      return {
        status: 200 as const,
        body: {
          object: 'audit' as const,
          isSound:
            after === undefined && checks.every(({ broken, isComplete }) => broken === 0 && isComplete),
          at: new Date().toISOString(),
          checks,
        },
      };
    },
  });
  return [audit];
}
