import type { Queryable } from '../pool';
import type { Scope } from '../scope';

export interface MerchantRow {
  id: string;
  name: string;
  status: 'active' | 'suspended';
  defaultCurrency: string;
  createdAt: Date;
  updatedAt: Date;
}

interface Raw {
  id: string;
  name: string;
  status: 'active' | 'suspended';
  default_currency: string;
  created_at: Date;
  updated_at: Date;
}

/** Repeated with the same id it returns what the first call made. */
export async function createMerchant(
  db: Queryable,
  merchant: { id: string; name: string; defaultCurrency: string },
): Promise<MerchantRow> {
  const { rows } = await db.query<Raw>(
    `insert into merchants (id, name, default_currency) values ($1, $2, $3)
     on conflict (id) do update set id = excluded.id returning *`,
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
    text: 'select * from merchants where id = $1 and ($2::uuid is null or id = $2)',
    values: [id, scope.role === 'merchant' ? scope.merchantId : null],
  });
  return rows[0] && fromRow(rows[0]);
}

/** Newest first; one row more than the limit tells that there are more. */
export async function listMerchants(
  db: Queryable,
  scope: Scope,
  page: { limit: number; startingAfter?: string; status?: MerchantRow['status'] },
): Promise<MerchantRow[]> {
  const { rows } = await db.query<Raw>(
    `select * from merchants
     where ($1::uuid is null or id < $1) and ($2::text is null or status = $2) and ($3::uuid is null or id = $3)
     order by id desc limit $4`,
    [
      page.startingAfter ?? null,
      page.status ?? null,
      scope.role === 'merchant' ? scope.merchantId : null,
      page.limit + 1,
    ],
  );
  return rows.map(fromRow);
}

function fromRow(row: Raw): MerchantRow {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    defaultCurrency: row.default_currency,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
