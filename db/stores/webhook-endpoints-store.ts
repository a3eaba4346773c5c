import type { Mode } from '../../domain/payment/reference';
import type { Queryable } from '../pool';
import type { Scope } from '../scope';

/** The endpoint of an address that one payment brought along; made the first time, signed like the usual one. */
export async function endpointForPayment(
  db: Queryable,
  of: { id: string; merchantId: string; mode: Mode; url: string; secretOf: string },
): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>(
    `with made as (
       insert into webhook_endpoints (id, merchant_id, mode, url, secret_of)
       select $1, $2, $3, $4, coalesce(u.secret_of, u.id) from webhook_endpoints u where u.id = $5
       on conflict (merchant_id, mode, url) do nothing returning id
     )
     select id from made
     union all select id from webhook_endpoints where merchant_id = $2 and mode = $3 and url = $4 limit 1`,
    [of.id, of.merchantId, of.mode, of.url, of.secretOf],
  );
  return rows[0]?.id;
}

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
