import type { Mode } from '../../domain/payment/reference';
import type { Queryable } from '../pool';
import type { Scope } from '../scope';

/** Where a merchant wants its callbacks, with its secrets still sealed. */
export interface CallbackEndpoint {
  id: string;
  url: string;
  isEnabled: boolean;
  /** The endpoint whose secrets sign for this one: usually itself. */
  secretOf: string;
  secret: Buffer;
  previous?: { secret: Buffer; until: Date };
}

/** Names where a sealed secret stands. Both columns share it, so that rotation can move one to the other. */
export function endpointSecretPlace(endpointId: string): string {
  return `webhook_endpoints.secret/${endpointId}`;
}

export async function loadCallbackEndpoint(
  database: Queryable,
  endpointId: string,
): Promise<CallbackEndpoint | undefined> {
  const { rows } = await database.query<{
    id: string;
    url: string;
    is_enabled: boolean;
    secret_of: string;
    secret: Buffer;
    previous_secret: Buffer | null;
    previous_secret_until: Date | null;
  }>({
    name: 'callback-endpoint',
    text: `select e.id, e.url, e.is_enabled, s.id as secret_of, s.secret, s.previous_secret, s.previous_secret_until
      from webhook_endpoints e join webhook_endpoints s on s.id = coalesce(e.secret_of, e.id) where e.id = $1`,
    values: [endpointId],
  });
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    id: row.id,
    url: row.url,
    isEnabled: row.is_enabled,
    secretOf: row.secret_of,
    secret: row.secret,
    previous:
      row.previous_secret !== null && row.previous_secret_until !== null
        ? { secret: row.previous_secret, until: row.previous_secret_until }
        : undefined,
  };
}

/** Whose endpoint it is, and the one whose secret signs for it: usually itself. Another tenant's is not there. */
export async function findSigningEndpoint(
  database: Queryable,
  scope: Scope,
  endpointId: string,
): Promise<{ id: string; merchantId: string; mode: Mode } | undefined> {
  const tenant = scope.role === 'merchant' ? scope : undefined;
  const { rows } = await database.query<{ id: string; merchant_id: string; mode: Mode }>(
    `select coalesce(secret_of, id) as id, merchant_id, mode from webhook_endpoints
     where id = $1 and ($2::uuid is null or (merchant_id = $2 and mode = $3))`,
    [endpointId, tenant?.merchantId ?? null, tenant?.mode ?? null],
  );
  return rows[0] && { id: rows[0].id, merchantId: rows[0].merchant_id, mode: rows[0].mode };
}

export interface SecretRotation {
  endpointId: string;
  /** Of the request that asks for it. */
  rotationId: string;
  sealedSecret: Buffer;
  previousUntil: Date;
}

/**
 * The new secret signs from now on, and the one before it signs along until `previousUntil`. Rotating again
 * before that ends the older one early. The same request again, after its answer was lost, gets the secret that it
 * made. Undefined if this merchant has no such endpoint.
 */
export async function rotateEndpointSecret(
  database: Queryable,
  scope: { merchantId: string; mode: Mode },
  rotation: SecretRotation,
): Promise<{ sealedSecret: Buffer; previousUntil: Date } | undefined> {
  const { rows } = await database.query<{ secret: Buffer; previous_secret_until: Date }>(
    `
with rotated as (
  update webhook_endpoints
  set previous_secret = secret, previous_secret_until = $5, secret = $4, rotation_id = $6, updated_at = now()
  where id = $1 and merchant_id = $2 and mode = $3 and secret is not null and rotation_id is distinct from $6
  returning secret, previous_secret_until
)
select secret, previous_secret_until from rotated
union all
select secret, previous_secret_until from webhook_endpoints
where id = $1 and merchant_id = $2 and mode = $3 and rotation_id = $6
limit 1`,
    [
      rotation.endpointId,
      scope.merchantId,
      scope.mode,
      rotation.sealedSecret,
      rotation.previousUntil,
      rotation.rotationId,
    ],
  );
  const [row] = rows;
  return row && { sealedSecret: row.secret, previousUntil: row.previous_secret_until };
}
