import type { Mode } from '../../domain/payment/reference';
import type { Queryable } from '../pool';
import type { Scope } from '../scope';

export interface CustomerRow {
  id: string;
  merchantId: string;
  mode: Mode;
  /** The merchant's own number for them. */
  customerNo?: string;
  /** Sealed by the secret box for `customerProfilePlace(id)`. */
  profile: Buffer;
  createdAt: Date;
  updatedAt: Date;
}

/** Where a customer's personal data stand: sealed for one row, they can't be opened in another. */
export function customerProfilePlace(customerId: string): string {
  return `customers.profile/${customerId}`;
}

interface Raw {
  id: string;
  merchant_id: string;
  mode: Mode;
  customer_no: string | null;
  profile: Buffer;
  created_at: Date;
  updated_at: Date;
}

const columns = 'id, merchant_id, mode, customer_no, profile, created_at, updated_at';

export type NewCustomer = Pick<CustomerRow, 'id' | 'merchantId' | 'mode' | 'customerNo' | 'profile'>;

/** Undefined if the merchant has another customer of this number. Repeated with the same id it is the one that was made. */
export async function insertCustomer(db: Queryable, wanted: NewCustomer): Promise<CustomerRow | undefined> {
  const { rows } = await db.query<Raw>(
    `with made as (
       insert into customers (id, merchant_id, mode, customer_no, profile) values ($1, $2, $3, $4, $5)
       on conflict do nothing returning ${columns}
     )
     select ${columns} from made
     union all select ${columns} from customers where id = $1 and merchant_id = $2 and mode = $3 limit 1`,
    [wanted.id, wanted.merchantId, wanted.mode, wanted.customerNo ?? null, wanted.profile],
  );
  return rows[0] && fromRow(rows[0]);
}

/** Undefined as well if the scope does not reach it. */
export async function findCustomer(
  db: Queryable,
  scope: Scope,
  id: string,
): Promise<CustomerRow | undefined> {
  const { rows } = await db.query<Raw>(
    `select ${columns} from customers where id = $1 and ($2::uuid is null or (merchant_id = $2 and mode = $3))`,
    [id, ...tenantOf(scope)],
  );
  return rows[0] && fromRow(rows[0]);
}

/** Newest first; one more than the limit tells that there are more. */
export async function listCustomers(
  db: Queryable,
  scope: Scope,
  query: { limit: number; startingAfter?: string; customerNo?: string },
): Promise<CustomerRow[]> {
  const { rows } = await db.query<Raw>(
    `select ${columns} from customers
     where ($1::uuid is null or (merchant_id = $1 and mode = $2)) and ($3::uuid is null or id < $3)
       and ($4::text is null or customer_no = $4)
     order by id desc limit $5`,
    [...tenantOf(scope), query.startingAfter ?? null, query.customerNo ?? null, query.limit + 1],
  );
  return rows.map(fromRow);
}

export async function putCustomerProfile(db: Queryable, id: string, profile: Buffer): Promise<void> {
  await db.query('update customers set profile = $2, updated_at = now() where id = $1', [id, profile]);
}

export function tenantOf(scope: Scope): [string | null, string | null] {
  return scope.role === 'merchant' ? [scope.merchantId, scope.mode] : [null, null];
}

function fromRow(row: Raw): CustomerRow {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    mode: row.mode,
    customerNo: row.customer_no ?? undefined,
    profile: row.profile,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
