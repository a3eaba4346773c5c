import type { Mode } from '../../domain/payment/reference';
import type { Queryable } from '../pool';
import type { Scope } from '../scope';

export interface ApiKeyRow {
  id: string;
  role: 'merchant' | 'admin';
  merchantId: string | null;
  mode: Mode | null;
  prefix: string;
  createdAt: Date;
  revokedAt: Date | null;
}

/** Who a key belongs to, with what decides whether it still opens anything. */
export interface KeyHolder {
  keyId: string;
  scope: Scope;
  isRevoked: boolean;
  isSuspended: boolean;
}

export interface NewApiKeyRow {
  id: string;
  owner: Scope;
  prefix: string;
  secretHash: Buffer;
}

interface Raw {
  id: string;
  role: 'merchant' | 'admin';
  merchant_id: string | null;
  mode: Mode | null;
  prefix: string;
  created_at: Date;
  revoked_at: Date | null;
}

/** The one question without a scope: it is what finds the scope out. */
export async function findKeyHolder(db: Queryable, secretHash: Buffer): Promise<KeyHolder | undefined> {
  const { rows } = await db.query<Raw & { merchant_status: string | null }>({
    name: 'api_keys.find_holder',
    text: `select k.*, m.status as merchant_status
           from api_keys k left join merchants m on m.id = k.merchant_id
           where k.secret_hash = $1`,
    values: [secretHash],
  });
  const row = rows[0];
  if (row === undefined) return undefined;
  return {
    keyId: row.id,
    scope: scopeOf(row),
    isRevoked: row.revoked_at !== null,
    isSuspended: row.merchant_status === 'suspended',
  };
}

/**
 * Repeated with the same id it is the same key with a new secret: a request that crashed before its answer
 * makes one key, and the secret that nobody saw opens nothing.
 */
export async function putApiKey(db: Queryable, key: NewApiKeyRow): Promise<ApiKeyRow> {
  const owner = key.owner.role === 'merchant' ? key.owner : undefined;
  const { rows } = await db.query<Raw>(
    `insert into api_keys (id, role, merchant_id, mode, prefix, secret_hash) values ($1, $2, $3, $4, $5, $6)
     on conflict (id) do update set prefix = excluded.prefix, secret_hash = excluded.secret_hash
     returning *`,
    [key.id, key.owner.role, owner?.merchantId ?? null, owner?.mode ?? null, key.prefix, key.secretHash],
  );
  return fromRow(rows[0] as Raw);
}

export interface KeyPage {
  merchantId: string;
  limit: number;
  startingAfter?: string;
}

/** Newest first; one row more than the limit tells that there are more. */
export async function listApiKeys(db: Queryable, scope: Scope, page: KeyPage): Promise<ApiKeyRow[]> {
  const { rows } = await db.query<Raw>(
    `select * from api_keys
     where merchant_id = $1 and ($2::uuid is null or merchant_id = $2) and ($3::uuid is null or id < $3)
     order by id desc limit $4`,
    [page.merchantId, tenantOf(scope), page.startingAfter ?? null, page.limit + 1],
  );
  return rows.map(fromRow);
}

export async function revokeApiKey(
  db: Queryable,
  scope: Scope,
  key: { merchantId: string; keyId: string },
): Promise<ApiKeyRow | undefined> {
  const { rows } = await db.query<Raw>(
    `update api_keys set revoked_at = coalesce(revoked_at, now())
     where id = $1 and merchant_id = $2 and ($3::uuid is null or merchant_id = $3) returning *`,
    [key.keyId, key.merchantId, tenantOf(scope)],
  );
  return rows[0] && fromRow(rows[0]);
}

function tenantOf(scope: Scope): string | null {
  return scope.role === 'merchant' ? scope.merchantId : null;
}

function scopeOf(row: Raw): Scope {
  if (row.role === 'admin') return { role: 'admin' };
  // The table's checks say that a merchant's key has both.
  return { role: 'merchant', merchantId: row.merchant_id as string, mode: row.mode as Mode };
}

function fromRow(row: Raw): ApiKeyRow {
  return {
    id: row.id,
    role: row.role,
    merchantId: row.merchant_id,
    mode: row.mode,
    prefix: row.prefix,
    createdAt: row.created_at,
    revokedAt: row.revoked_at,
  };
}
