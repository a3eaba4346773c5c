import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Queryable } from './pool';

/** A migration runs as TypeScript or as built JavaScript: it is known by its name without the ending. */
const nameOf = (file: string) => file.replace(/\.(ts|js)$/, '');

const known = readdirSync(path.join(__dirname, '..', 'migrations'))
  .filter((file) => /^\d+_\w+\.(ts|js)$/.test(file))
  .map(nameOf)
  .sort();

/** The migrations of this build that the database has not had. */
export async function pendingMigrations(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>('select name from schema_migrations');
  const done = new Set(rows.map(({ name }) => nameOf(name)));
  return known.filter((name) => !done.has(name));
}

const partitionedTables = [
  'payments',
  'payment_attempts',
  'payment_events',
  'outbox',
  'callback_tries',
  'ledger_postings',
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
