import { migrationNames } from './migration-source';
import type { Queryable } from './pool';

/** The migrations of this build that the database has not had. */
export async function pendingMigrations(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>('select name from schema_migrations');
  const done = new Set(rows.map(({ name }) => name));
  return migrationNames.filter((name) => !done.has(name));
}

const partitionedTables = [
  'payments',
  'payment_attempts',
  'payment_events',
  'payment_captures',
  'payment_histories',
  'refunds',
  'outbox',
  'callback_tries',
];

export interface PartitionsAhead {
  table: string;
  ahead: number;
}

/** How many partitions each table has after the one in use; without a next one, inserts stop at its edge. */
export async function partitionsAhead(db: Queryable): Promise<PartitionsAhead[]> {
  const { rows } = await db.query<PartitionsAhead>(
    'select t as "table", partitions_ahead(t) as ahead from unnest($1::text[]) t',
    [partitionedTables],
  );
  return rows;
}
