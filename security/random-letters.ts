import { randomBytes } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** So many letters and digits hold 256 random bits. */
export const secretLetters = 43;

/** Random letters and digits, all equally likely: a double click selects them whole, and URLs need no escaping. */
export function randomLetters(length: number): string {
  let letters = '';
  while (letters.length < length) {
    for (const byte of randomBytes(length)) {
      // 248 is the largest multiple of 62 in a byte: without the cut the first letters would be likelier.
      if (byte < 248 && letters.length < length) letters += alphabet.charAt(byte % 62);
    }
  }
  return letters;
}
