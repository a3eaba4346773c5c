import { createEnvelope, type EncryptionKey } from './envelope';

/**
 * Secrets at rest. `aad` names where a secret stands ("channel_configs.credentials/<id>"): moved to another
 * row it can't be opened.
 */
export interface SecretBox {
  seal(plain: Buffer | string, aad: string): Buffer;
  open(sealed: Buffer, aad: string): Buffer;
  openText(sealed: Buffer, aad: string): string;
}

export function createSecretBox(keys: readonly EncryptionKey[]): SecretBox {
  const envelope = createEnvelope(keys, 'secret');
  return {
    seal: (plain, aad) => envelope.seal(typeof plain === 'string' ? Buffer.from(plain, 'utf8') : plain, aad),
    open: (sealed, aad) => envelope.open(sealed, aad),
    openText: (sealed, aad) => envelope.open(sealed, aad).toString('utf8'),
  };
}
