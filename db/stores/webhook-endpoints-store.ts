import type { Mode } from '../../domain/payment/reference';
import type { Queryable } from '../pool';
import type { Scope } from '../scope';

export interface WebhookEndpointRow {
  id: string;
  merchantId: string;
  mode: Mode;
  url: string;
  /** Sealed by the secret box for `endpointSecretAad(id)`. */
  secret: Buffer;
  /** Signs besides the new one until that moment, so that a merchant can change over without a gap. */
  previousSecret: Buffer | null;
  previousSecretUntil: Date | null;
  isEnabled: boolean;
}

interface Raw {
  id: string;
  merchant_id: string;
  mode: Mode;
  url: string;
  secret: Buffer;
  previous_secret: Buffer | null;
  previous_secret_until: Date | null;
  is_enabled: boolean;
}

/** Where an endpoint's secret stands: sealed for one row, it can't be opened in another. */
export function endpointSecretAad(id: string): string {
  return `webhook_endpoints.secret/${id}`;
}

/** The endpoint of this address; `isNew` tells that the given secret is the one it has. */
export async function ensureWebhookEndpoint(
  db: Queryable,
  scope: Scope,
  endpoint: { id: string; merchantId: string; mode: Mode; url: string; secret: Buffer },
): Promise<{ id: string; isNew: boolean } | undefined> {
  if (scope.role === 'merchant' && scope.merchantId !== endpoint.merchantId) return undefined;
  const { rows } = await db.query<{ id: string }>(
    `insert into webhook_endpoints (id, merchant_id, mode, url, secret) values ($1, $2, $3, $4, $5)
     on conflict (merchant_id, mode, url) do update set is_enabled = true, updated_at = now() returning id`,
    [endpoint.id, endpoint.merchantId, endpoint.mode, endpoint.url, endpoint.secret],
  );
  const id = rows[0]?.id;
  return id === undefined ? undefined : { id, isNew: id === endpoint.id };
}

/** Gives it a new secret; the old one goes on signing for a while. */
export async function rotateEndpointSecret(
  db: Queryable,
  scope: Scope,
  rotation: { id: string; previousSecret: Buffer; secret: Buffer; overlapMs: number },
): Promise<WebhookEndpointRow | undefined> {
  const { rows } = await db.query<Raw>(
    `update webhook_endpoints set secret = $2, previous_secret = $3,
       previous_secret_until = now() + $4 * interval '1 millisecond', updated_at = now()
     where id = $1 and ($5::uuid is null or merchant_id = $5) returning *`,
    [rotation.id, rotation.secret, rotation.previousSecret, rotation.overlapMs, tenantOf(scope)],
  );
  return rows[0] && fromRow(rows[0]);
}

export async function findWebhookEndpoint(
  db: Queryable,
  scope: Scope,
  id: string,
): Promise<WebhookEndpointRow | undefined> {
  const { rows } = await db.query<Raw>({
    name: 'webhook_endpoints.find',
    text: 'select * from webhook_endpoints where id = $1 and ($2::uuid is null or merchant_id = $2)',
    values: [id, tenantOf(scope)],
  });
  return rows[0] && fromRow(rows[0]);
}

function tenantOf(scope: Scope): string | null {
  return scope.role === 'merchant' ? scope.merchantId : null;
}

function fromRow(row: Raw): WebhookEndpointRow {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    mode: row.mode,
    url: row.url,
    secret: row.secret,
    previousSecret: row.previous_secret,
    previousSecretUntil: row.previous_secret_until,
    isEnabled: row.is_enabled,
  };
}
