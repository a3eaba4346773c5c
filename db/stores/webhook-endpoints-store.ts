import type { Mode } from '../../domain/payment/reference';
import type { Queryable } from '../pool';
import type { Scope } from '../scope';

/** The endpoint of this address; `isNew` tells that the given secret is the one it has. */
export async function ensureWebhookEndpoint(
  db: Queryable,
  scope: Scope,
  endpoint: { id: string; merchantId: string; mode: Mode; url: string; secret: Buffer },
): Promise<{ id: string; isNew: boolean } | undefined> {
  const isReached =
    scope.role === 'admin' || (scope.merchantId === endpoint.merchantId && scope.mode === endpoint.mode);
  if (!isReached) return undefined;
  const { rows } = await db.query<{ id: string }>(
    `insert into webhook_endpoints (id, merchant_id, mode, url, secret) values ($1, $2, $3, $4, $5)
     on conflict (merchant_id, mode, url) do update set is_enabled = true, updated_at = now() returning id`,
    [endpoint.id, endpoint.merchantId, endpoint.mode, endpoint.url, endpoint.secret],
  );
  const id = rows[0]?.id;
  return id === undefined ? undefined : { id, isNew: id === endpoint.id };
}
