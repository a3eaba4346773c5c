import type { BookEntry } from '../../../dev/sandboxes/kpay/control-api';
import type { Queryable } from '../../../db/pool';
import type { Acknowledged, AcknowledgedRefund, HeardCallback } from '../load/contracts';

/** All that the promises are held against: what each party has in its own books. */
export interface Evidence {
  /** As the owner of the tables. */
  database: Queryable;
  /** The provider's. */
  book: BookEntry[];
  /** The merchant's. */
  acknowledged: Acknowledged[];
  refunds: AcknowledgedRefund[];
  callbacks: HeardCallback[];
  problems: string[];
}

/** One text per row: the first column of what should not be there. */
export async function offendersIn(database: Queryable, query: string): Promise<string[]> {
  const { rows } = await database.query<{ offender: string }>(query);
  return rows.map(({ offender }) => offender);
}

export async function countIn(database: Queryable, table: string): Promise<number> {
  const { rows } = await database.query<{ count: bigint }>(`select count(*) as count from ${table}`);
  return Number(rows[0]?.count ?? 0n);
}
