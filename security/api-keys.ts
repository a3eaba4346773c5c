import { createHash } from 'node:crypto';
import { randomLetters, secretLetters } from './random-letters';

export type ApiKeyKind = 'test' | 'live' | 'admin';

export interface NewApiKey {
  /** Shown once, kept nowhere. */
  text: string;
  /** What stays visible, so that people can tell their keys apart. */
  prefix: string;
  hash: Buffer;
}

const prefixLength = 8;
const pattern = /^dp_(test|live|admin)_([0-9A-Za-z]{8})_([0-9A-Za-z]{43})$/;

/** `dp_{test|live|admin}_{prefix}_{secret}`: secret scanners can tell it, and a double click selects it whole. */
export function newApiKey(kind: ApiKeyKind): NewApiKey {
  const prefix = `dp_${kind}_${randomLetters(prefixLength)}`;
  const text = `${prefix}_${randomLetters(secretLetters)}`;
  return { text, prefix, hash: hashApiKey(text) };
}

/** Cheap enough to turn nonsense away before the database is asked. */
export function isApiKey(text: string): boolean {
  return pattern.test(text);
}

/**
 * SHA-256 and no slow hash: slow hashes make guessing a human's password dear, and 256 random bits can't be
 * guessed at any price. A key is found by its hash, so what the index compares is nothing a caller can steer
 * byte by byte, and timing tells nothing.
 */
export function hashApiKey(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
