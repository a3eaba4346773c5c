import { fail, type ErrorCode } from '../errors';
import { textsOf } from '../json';

/** PostgreSQL has no text with a NUL or half a character in it; better said here than found there. */
export function refuseUnstorable(value: unknown, code: ErrorCode = 'parameter_invalid'): void {
  for (const { path, text } of textsOf(value)) {
    if (unstorable.test(text)) {
      const where = path === '' ? {} : { param: path };
      throw fail(code, { ...where, message: 'The text holds a NUL or a lone surrogate.' });
    }
  }
}

const unstorable = /[\u0000\ud800-\udfff]/u;
