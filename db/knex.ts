import path from 'node:path';
import knex, { type Knex } from 'knex';

/** Knex runs the migrations; statements of the hot path are plain SQL on `db/pool.ts`. */
export function createKnex(ownerUrl: string): Knex {
  return knex({
    client: 'pg',
    connection: ownerUrl,
    pool: { min: 0, max: 2 },
    migrations: {
      directory: path.join(__dirname, '..', 'migrations'),
      loadExtensions: [path.extname(__filename)],
      tableName: 'schema_migrations',
    },
  });
}
