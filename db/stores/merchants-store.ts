import type { Queryable } from '../pool';
import type { Scope } from '../scope';

export type MerchantStatus = 'active' | 'suspended';

export interface MerchantRow {
  id: string;
  name: string;
  status: MerchantStatus;
  /** The last time an operator suspended it or let it go on. */
  lastStatusChange?: { reason: string; by: string; at: Date };
  defaultCurrency: string;
  createdAt: Date;
  updatedAt: Date;
}

interface Raw {
  id: string;
  name: string;
  status: MerchantStatus;
  default_currency: string;
  created_at: Date;
  updated_at: Date;
  change_reason: string | null;
  changed_by: string | null;
  changed_at: Date | null;
}

const columns = 'm.*, c.reason as change_reason, c.changed_by, c.at as changed_at';
const lastChange = `left join lateral (
  select reason, changed_by, at from merchant_status_changes where merchant_id = m.id order by no desc limit 1) c on true`;

/** Repeated with the same id it returns what the first call made. */
export async function createMerchant(
  db: Queryable,
  merchant: { id: string; name: string; defaultCurrency: string },
): Promise<MerchantRow> {
  const { rows } = await db.query<Raw>(
    `with m as (insert into merchants (id, name, default_currency) values ($1, $2, $3)
                on conflict (id) do update set id = excluded.id returning *)
     select ${columns} from m ${lastChange}`,
    [merchant.id, merchant.name, merchant.defaultCurrency],
  );
  return fromRow(rows[0] as Raw);
}

export async function findMerchant(
  db: Queryable,
  scope: Scope,
  id: string,
): Promise<MerchantRow | undefined> {
  const { rows } = await db.query<Raw>({
    name: 'merchants.find',
    text: `select ${columns} from merchants m ${lastChange} where m.id = $1 and ($2::uuid is null or m.id = $2)`,
    values: [id, scope.role === 'merchant' ? scope.merchantId : null],
  });
  return rows[0] && fromRow(rows[0]);
}

/** Newest first; one row more than the limit tells that there are more. */
export async function listMerchants(
  db: Queryable,
  scope: Scope,
  page: { limit: number; startingAfter?: string; status?: MerchantStatus },
): Promise<MerchantRow[]> {
  const { rows } = await db.query<Raw>(
    `select ${columns} from merchants m ${lastChange}
     where ($1::uuid is null or m.id < $1) and ($2::text is null or m.status = $2) and ($3::uuid is null or m.id = $3)
     order by m.id desc limit $4`,
    [
      page.startingAfter ?? null,
      page.status ?? null,
      scope.role === 'merchant' ? scope.merchantId : null,
      page.limit + 1,
    ],
  );
  return rows.map(fromRow);
}

export interface MerchantStatusChange {
  merchantId: string;
  status: MerchantStatus;
  reason: string;
  by: string;
}

/** With who did it and why. A merchant that stands so already stays as it is, with the reason it has. */
export async function changeMerchantStatus(db: Queryable, change: MerchantStatusChange): Promise<void> {
  await db.query(
    `with changed as (update merchants set status = $2, updated_at = now() where id = $1 and status <> $2 returning id)
     insert into merchant_status_changes (merchant_id, status, reason, changed_by) select id, $2, $3, $4 from changed`,
    [change.merchantId, change.status, change.reason, change.by],
  );
}

function fromRow(row: Raw): MerchantRow {
  const { change_reason: reason, changed_by: by, changed_at: at } = row;
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    lastStatusChange: reason === null || by === null || at === null ? undefined : { reason, by, at },
    defaultCurrency: row.default_currency,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
