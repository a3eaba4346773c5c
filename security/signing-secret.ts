import { randomLetters, secretLetters } from './random-letters';

/** What callbacks to a merchant are signed with. The whole text is the HMAC key, prefix included. */
export function newSigningSecret(): string {
  return `whsec_${randomLetters(secretLetters)}`;
}
