import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, randomFillSync } from 'node:crypto';

export interface EncryptionKey {
  id: string;
  key: Buffer;
}

/** The text can't be read with these keys: it was altered, belongs elsewhere, or its key has been removed. */
export class UnreadableCiphertextError extends Error {}

export interface Envelope {
  seal(plain: Buffer, context: string): Buffer;
  open(sealed: Buffer, context: string): Buffer;
}

const version = 1;
const saltBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;
/** A random nonce is safe for 2^32 messages under one key; a new derived key long before that. */
const messagesPerDerivedKeyMax = 2 ** 24;
const derivedKeysMax = 512;
const noncesAtOnce = 256;

/**
 * AES-256-GCM. The first key encrypts, every key decrypts, so a key is rotated by putting a new one in front.
 * What encrypts is never the master key but one derived from it for a purpose and a random salt: two purposes
 * can't read each other, and no derived key sees so many messages that nonces could collide.
 *
 * Layout: version (1) | key id length (1) | key id | salt (16) | nonce (12) | ciphertext | tag (16).
 * Everything before the ciphertext, and the caller's context, is authenticated with it.
 */
export function createEnvelope(keys: readonly EncryptionKey[], purpose: string): Envelope {
  const first = keys[0];
  if (first === undefined) throw new Error('At least one encryption key is needed.');
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  if (byId.size !== keys.length) throw new Error('Two encryption keys have the same id.');

  const derived = new Map<string, Buffer>();
  const nextNonce = createNonces();
  let sealing = newSealing(first);

  function derivedKey(keyId: string, ownSalt: Buffer): Buffer {
    const master = byId.get(keyId);
    if (master === undefined) throw new UnreadableCiphertextError(`No encryption key "${keyId}".`);
    const name = `${keyId}/${ownSalt.toString('base64')}`;
    const known = derived.get(name);
    if (known !== undefined) return known;
    const made = Buffer.from(hkdfSync('sha256', master, ownSalt, `durapay/${purpose}`, 32));
    if (derived.size >= derivedKeysMax) derived.delete(derived.keys().next().value ?? '');
    derived.set(name, made);
    return made;
  }

  /** A key of its own, and what every message under it begins with. */
  function newSealing({ id }: EncryptionKey) {
    const salt = randomBytes(saltBytes);
    const prefix = Buffer.concat([Buffer.from([version, id.length]), Buffer.from(id, 'ascii'), salt]);
    return { key: derivedKey(id, salt), prefix, messages: 0 };
  }

  return {
    seal(plain, context) {
      if (sealing.messages >= messagesPerDerivedKeyMax) sealing = newSealing(first);
      sealing.messages += 1;
      const nonce = nextNonce();
      const head = Buffer.concat([sealing.prefix, nonce]);
      const cipher = createCipheriv('aes-256-gcm', sealing.key, nonce);
      cipher.setAAD(associatedData(head, context));
      return Buffer.concat([head, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },

    open(sealed, context) {
      const { keyId, ownSalt, nonce, head } = readHead(sealed);
      const body = sealed.subarray(head.length, sealed.length - tagBytes);
      const decipher = createDecipheriv('aes-256-gcm', derivedKey(keyId, ownSalt), nonce, {
        authTagLength: tagBytes,
      });
      decipher.setAAD(associatedData(head, context));
      decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
      try {
        return Buffer.concat([decipher.update(body), decipher.final()]);
      } catch {
        throw new UnreadableCiphertextError('The ciphertext was altered or belongs to something else.');
      }
    },
  };
}

/** Drawn many at a time: what a draw costs hardly depends on its size. */
function createNonces(): () => Buffer {
  const drawn = Buffer.alloc(nonceBytes * noncesAtOnce);
  let used = drawn.length;
  return () => {
    if (used === drawn.length) {
      randomFillSync(drawn);
      used = 0;
    }
    used += nonceBytes;
    // A copy: what is handed out must not change when the next ones are drawn.
    return Buffer.from(drawn.subarray(used - nonceBytes, used));
  };
}

function readHead(sealed: Buffer) {
  const idLength = sealed[1] ?? 0;
  const headLength = 2 + idLength + saltBytes + nonceBytes;
  if (sealed[0] !== version || sealed.length < headLength + tagBytes) {
    throw new UnreadableCiphertextError('This is not a ciphertext of this platform.');
  }
  return {
    keyId: sealed.toString('ascii', 2, 2 + idLength),
    ownSalt: sealed.subarray(2 + idLength, 2 + idLength + saltBytes),
    nonce: sealed.subarray(headLength - nonceBytes, headLength),
    head: sealed.subarray(0, headLength),
  };
}

function associatedData(head: Buffer, context: string): Buffer {
  return Buffer.concat([head, Buffer.from(context, 'utf8')]);
}
