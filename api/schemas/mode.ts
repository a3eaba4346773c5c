import { z } from 'zod';
import type { Mode } from '../../domain/payment/reference';
import type { Caller } from '../caller';
import { fail, type ApiError } from '../errors';

export const modeField = z.enum(['test', 'live']);

export const modeQuery = modeField
  .optional()
  .meta({ description: "A merchant's key is of one mode, which is the default; an operator says which." });

/** Test and live never meet: a key reaches its own mode only, an operator names one. */
export function modeOf(
  caller: Caller,
  asked: Mode | undefined,
): Mode | ApiError<'permission_denied' | 'parameter_missing'> {
  if (caller.role === 'admin') {
    return (
      asked ??
      fail('parameter_missing', { param: 'mode', message: 'An operator says mode=test or mode=live.' })
    );
  }
  if (asked === undefined || asked === caller.mode) return caller.mode;
  return fail('permission_denied', { param: 'mode', message: `This is a ${caller.mode} key.` });
}
