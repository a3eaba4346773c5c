import { createShortCache } from '../../db/short-cache';
import type { Queryable } from '../../db/pool';
import {
  endpointSecretPlace,
  loadCallbackEndpoint,
  type CallbackEndpoint,
} from '../../db/stores/callback-endpoint-store';
import type { SecretBox } from '../../security/secret-box';

/** A merchant's endpoint, ready to be called. */
export interface CallbackTarget {
  url: string;
  isEnabled: boolean;
  /** The newest first; two while a rotation's overlap lasts. */
  secretsAt(moment: Date): string[];
}

export type CallbackTargets = (endpointId: string) => Promise<CallbackTarget | undefined>;

/** A changed address or secret counts within a second. */
const ttlMs = 1_000;

export function createCallbackTargets(deps: {
  database: Queryable;
  secretBox: Pick<SecretBox, 'openText'>;
}): CallbackTargets {
  const cache = createShortCache({
    ttlMs,
    entriesMax: 5_000,
    read: async (endpointId) => {
      const endpoint = await loadCallbackEndpoint(deps.database, endpointId);
      return endpoint && toTarget(endpoint, deps.secretBox);
    },
  });
  return (endpointId) => cache.get(endpointId);
}

function toTarget(endpoint: CallbackEndpoint, secretBox: Pick<SecretBox, 'openText'>): CallbackTarget {
  const place = endpointSecretPlace(endpoint.secretOf);
  const secret = secretBox.openText(endpoint.secret, place);
  const { previous } = endpoint;
  const previousSecret = previous && secretBox.openText(previous.secret, place);
  return {
    url: endpoint.url,
    isEnabled: endpoint.isEnabled,
    secretsAt: (moment) =>
      previous !== undefined && previousSecret !== undefined && moment < previous.until
        ? [secret, previousSecret]
        : [secret],
  };
}
