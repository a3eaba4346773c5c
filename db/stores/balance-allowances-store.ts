import type { Mode } from '../../domain/payment/reference';
import type { Queryable } from '../pool';

export interface BalanceAllowance {
  currency: string;
  version: number;
  amount: bigint;
  reason: string;
  setBy: string;
  createdAt: Date;
}

interface Raw {
  currency: string;
  version: number;
  amount: bigint;
  reason: string;
  set_by: string;
  created_at: Date;
}

/** How far below zero the pending balance may go for a refund: zero where nobody said otherwise. */
export async function allowanceOf(
  database: Queryable,
  merchantId: string,
  mode: Mode,
  currency: string,
): Promise<bigint> {
  const { rows } = await database.query<{ amount: bigint }>(
    `select amount from balance_allowances where merchant_id = $1 and mode = $2 and currency = $3
     order by version desc limit 1`,
    [merchantId, mode, currency],
  );
  return rows[0]?.amount ?? 0n;
}

/** What holds now, one for each currency. */
export async function listAllowances(
  database: Queryable,
  merchantId: string,
  mode: Mode,
): Promise<BalanceAllowance[]> {
  const { rows } = await database.query<Raw>(
    `select distinct on (currency) currency, version, amount, reason, set_by, created_at from balance_allowances
     where merchant_id = $1 and mode = $2 order by currency, version desc`,
    [merchantId, mode],
  );
  return rows.map(({ set_by, created_at, ...rest }) => ({ ...rest, setBy: set_by, createdAt: created_at }));
}

export interface NewAllowance {
  merchantId: string;
  mode: Mode;
  currency: string;
  amount: bigint;
  reason: string;
  setBy: string;
  /** The version that was read; 0: there was none. */
  basedOn: number;
}

/** False: somebody else has set it since it was read. */
export async function addAllowance(database: Queryable, allowance: NewAllowance): Promise<boolean> {
  const { merchantId, mode, currency, amount, reason, setBy, basedOn } = allowance;
  const { rowCount } = await database.query(
    `insert into balance_allowances (merchant_id, mode, currency, version, amount, reason, set_by)
     select $1, $2, $3, $7 + 1, $4, $5, $6
     where $7 = (select coalesce(max(version), 0) from balance_allowances
                 where merchant_id = $1 and mode = $2 and currency = $3)
     on conflict do nothing`,
    [merchantId, mode, currency, amount, reason, setBy, basedOn],
  );
  return rowCount === 1;
}
