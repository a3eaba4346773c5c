import knex, { type Knex } from 'knex';
import { migrationSource } from './migration-source';

/** Knex runs the migrations; statements of the hot path are plain SQL on `db/pool.ts`. */
export function createKnex(ownerUrl: string): Knex {
  return knex({
    client: 'pg',
    connection: ownerUrl,
    pool: { min: 0, max: 2 },
    // It would print, with a stack, what it throws a moment later.
    log: { warn: () => undefined },
    migrations: {
      migrationSource,
      tableName: 'schema_migrations',
    },
  });
}
