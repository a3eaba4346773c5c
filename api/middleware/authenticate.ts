import type { Queryable } from '../../db/pool';
import { createShortCache } from '../../db/short-cache';
import { findKeyHolder, type KeyHolder } from '../../db/stores/api-keys-store';
import { hashApiKey, isApiKey } from '../../security/api-keys';
import type { Caller } from '../caller';
import { fail } from '../errors';

export interface Authenticated {
  caller: Caller;
  isSuspended: boolean;
}

export interface Authenticator {
  /** Throws what the table says about a key that is absent, unknown or revoked. */
  authenticate(authorization: string | undefined): Promise<Authenticated>;
}

/** A revoked key may work for this long: the price of a query or two a second and key instead of one a request. */
const cacheForMs = 1_000;
const cachedKeysMax = 10_000;

/**
 * Looks keys up by hash. Requests that arrive together share one query, and a key in use is read again before its time is
 * over, so that no request waits for that. Failures are never kept: whoever tries keys at random pays for each, and
 * pushes nobody out of the cache.
 */
export function createAuthenticator({ database }: { database: Queryable }): Authenticator {
  const holders = createShortCache({
    ...{ ttlMs: cacheForMs, entriesMax: cachedKeysMax },
    read: (hash) => findKeyHolder(database, Buffer.from(hash, 'base64')),
  });

  async function lookUp(key: string): Promise<KeyHolder | undefined> {
    const hash = hashApiKey(key).toString('base64');
    const holder = await holders.get(hash);
    if (holder === undefined || holder.isRevoked) holders.forget(hash);
    return holder;
  }

  return {
    async authenticate(authorization) {
      const key = readKey(authorization);
      if (key === undefined) throw fail('authentication_required');
      const holder = isApiKey(key) ? await lookUp(key) : undefined;
      if (holder === undefined) throw fail('api_key_invalid');
      if (holder.isRevoked) throw fail('api_key_revoked');
      return { caller: { ...holder.scope, keyId: holder.keyId }, isSuspended: holder.isSuspended };
    },
  };
}

/** `Bearer <key>`, or `Basic` with the key as user name, as `curl -u key:` sends it. */
function readKey(authorization: string | undefined): string | undefined {
  const [scheme = '', value = ''] = (authorization ?? '').split(/ +/, 2);
  if (value === '') return undefined;
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const [user = ''] = Buffer.from(value, 'base64').toString('utf8').split(':', 1);
  return user === '' ? undefined : user;
}
