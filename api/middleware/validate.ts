import { z } from 'zod';
import { errorRules, fail, type ApiError, type ErrorCode } from '../errors';
import { inPlainWords } from '../../config/plain-words';

/** Checks one part of a request, or throws a precise error for the first thing that is wrong. */
export function validate(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value, { error: inPlainWords });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw issue === undefined ? fail('parameter_invalid') : errorFrom(issue, value, schema);
}

/** A schema says which error it means with `params: { errorCode }` on its own issues. */
export function issueWith(code: ErrorCode, message?: string) {
  return {
    code: 'custom' as const,
    message: message ?? errorRules[code].message,
    params: { errorCode: code },
  };
}

function errorFrom(issue: z.core.$ZodIssue, value: unknown, schema: z.ZodType): ApiError {
  if (issue.code === 'unrecognized_keys') {
    const param = pathText([...issue.path, issue.keys[0] ?? '']);
    const message = `Unknown parameter: ${param}${knownBeside(issue, schema)}.`;
    return fail('parameter_unknown', { param, message });
  }
  const param = pathText(issue.path);
  const where = param === '' ? {} : { param };
  if (issue.code === 'custom' && isErrorCode(issue.params?.errorCode)) {
    return fail(issue.params.errorCode, { ...where, message: issue.message });
  }
  if (valueAt(value, issue.path) === undefined) {
    return fail('parameter_missing', { ...where, message: `Missing parameter: ${param}.` });
  }
  return fail('parameter_invalid', {
    ...where,
    message: `${param}: ${issue.message}.`.replace(/\.\.$/, '.'),
  });
}

/** A wrong name is seldom far from a right one, and nobody wants to look that up. */
function knownBeside({ path }: z.core.$ZodIssue, schema: z.ZodType): string {
  if (path.length > 0 || !(schema instanceof z.ZodObject)) return '';
  const names = Object.keys(schema.shape);
  return names.length === 0 ? '' : `; known here are ${names.join(', ')}`;
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && code in errorRules;
}

/** `limits.USD.max`, `items[2].name`; cut, for it may be what the caller made up. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text === '' ? String(step) : `.${String(step)}`;
  }
  return text.slice(0, 200);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<PropertyKey, unknown>)[step];
  }
  return at;
}
