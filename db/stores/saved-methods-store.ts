import type { KeptMethod } from '../../domain/customer/outcome';
import type { Mode } from '../../domain/payment/reference';
import type { Queryable } from '../pool';
import type { Scope } from '../scope';
import { tenantOf } from './customers-store';

export interface SavedMethod {
  id: string;
  customerId: string;
  mode: Mode;
  channel: string;
  channelConfigId: string;
  /** The channel's token. */
  providerRef: string;
  /** What the same channel calls the customer. */
  customerRef: string;
  kind: 'card';
  brand?: string;
  last4?: string;
  expiresYear?: number;
  expiresMonth?: number;
  createdAt: Date;
  detachedAt?: Date;
}

interface Raw {
  id: string;
  customer_id: string;
  mode: Mode;
  channel: string;
  channel_config_id: string;
  provider_ref: string;
  customer_ref: string;
  kind: 'card';
  brand: string | null;
  last4: string | null;
  expires_year: number | null;
  expires_month: number | null;
  created_at: Date;
  detached_at: Date | null;
}

const select = `
select s.id, s.customer_id, a.mode, ch.channel, s.channel_config_id, s.provider_ref, a.provider_ref as customer_ref,
  s.kind, s.brand, s.last4, s.expires_year, s.expires_month, s.created_at, s.detached_at
from saved_methods s
join customers c on c.id = s.customer_id
join customer_accounts a on a.customer_id = s.customer_id and a.channel_config_id = s.channel_config_id
join channel_configs ch on ch.id = s.channel_config_id`;

/** Undefined as well if the scope does not reach it. */
export async function findSavedMethod(
  db: Queryable,
  scope: Scope,
  by: { id: string; customerId?: string },
): Promise<SavedMethod | undefined> {
  const { rows } = await db.query<Raw>(
    `${select} where s.id = $1 and ($2::uuid is null or s.customer_id = $2)
       and ($3::uuid is null or (c.merchant_id = $3 and c.mode = $4))`,
    [by.id, by.customerId ?? null, ...tenantOf(scope)],
  );
  return rows[0] && fromRow(rows[0]);
}

/** Those that can be charged, newest first. */
export async function listSavedMethods(
  db: Queryable,
  customerId: string,
  query: { limit: number; startingAfter?: string },
): Promise<SavedMethod[]> {
  const { rows } = await db.query<Raw>(
    `${select} where s.customer_id = $1 and s.detached_at is null and ($2::uuid is null or s.id < $2)
     order by s.id desc limit $3`,
    [customerId, query.startingAfter ?? null, query.limit + 1],
  );
  return rows.map(fromRow);
}

/** Brings what is known of a customer's methods at one channel to what the channel says now. */
export async function putSavedMethods(
  db: Queryable,
  account: { customerId: string; channelConfigId: string },
  methods: readonly (KeptMethod & { id: string })[],
): Promise<void> {
  await db.query(
    `with kept as (
       select * from jsonb_to_recordset($3::jsonb) as k (id uuid, "methodRef" text, kind text, brand text, last4 text,
         "expiresYear" int, "expiresMonth" int)
     ), put as (
       insert into saved_methods (id, customer_id, channel_config_id, provider_ref, kind, brand, last4,
         expires_year, expires_month)
       select id, $1, $2, "methodRef", kind, brand, last4, "expiresYear", "expiresMonth" from kept
       on conflict (channel_config_id, provider_ref) do update set brand = excluded.brand, last4 = excluded.last4,
         expires_year = excluded.expires_year, expires_month = excluded.expires_month, detached_at = null
       where saved_methods.customer_id = excluded.customer_id
     )
     update saved_methods set detached_at = now()
     where customer_id = $1 and channel_config_id = $2 and detached_at is null
       and provider_ref not in (select "methodRef" from kept)`,
    [account.customerId, account.channelConfigId, JSON.stringify(methods)],
  );
}

export async function markDetached(db: Queryable, id: string): Promise<void> {
  await db.query('update saved_methods set detached_at = coalesce(detached_at, now()) where id = $1', [id]);
}

function fromRow(row: Raw): SavedMethod {
  return {
    id: row.id,
    customerId: row.customer_id,
    mode: row.mode,
    channel: row.channel,
    channelConfigId: row.channel_config_id,
    providerRef: row.provider_ref,
    customerRef: row.customer_ref,
    kind: row.kind,
    brand: row.brand ?? undefined,
    last4: row.last4 ?? undefined,
    expiresYear: row.expires_year ?? undefined,
    expiresMonth: row.expires_month ?? undefined,
    createdAt: row.created_at,
    detachedAt: row.detached_at ?? undefined,
  };
}
