import { z } from 'zod';
import { fail, type ApiError } from '../errors';

/** What answers have digits for: an offset leads out of them. */
const years = /^[0-9]{4}-/;

/** A time that a caller names. */
export const moment = z.iso
  .datetime({ offset: true, error: 'wants a time such as 2026-01-31T00:00:00Z' })
  .transform((text) => new Date(text))
  .refine((time) => years.test(time.toISOString()), 'wants a time, in UTC, from the year 0000 to 9999');

/** A period that ends before it begins finds nothing: whoever asked is told so. `from` may be the usual one. */
export function refusePeriod(
  from: Date,
  to: Date | undefined,
  param: 'to' | 'until' = 'to',
): ApiError<'parameter_invalid'> | undefined {
  if (to === undefined || to > from) return undefined;
  const message = `\`${param}\` must be later than \`from\`, which is ${from.toISOString()}.`;
  return fail('parameter_invalid', { param, message });
}
