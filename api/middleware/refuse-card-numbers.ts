import { hasCardNumber } from '../../domain/card-number';
import { fail } from '../errors';
import { textsOf } from '../json';

/** The merchant's own numbers may be any digits; they are never shown to a card scheme. */
const exemptPaths = new Set(['orderId', 'refundNo']);

/** Before anything else looks at the body, so that nothing can log or keep it. */
export function refuseCardNumbers(body: unknown): void {
  for (const { path, text } of textsOf(body)) {
    if (exemptPaths.has(path) || !hasCardNumber(text)) continue;
    // A path may itself be the number, as a key.
    throw fail('card_number_refused', path === '' || hasCardNumber(path) ? {} : { param: path });
  }
}
