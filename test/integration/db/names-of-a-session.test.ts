import { createPool, type Database, type Transaction } from '../../../db/pool';
import { freshDatabase, type FreshDatabase } from '../../support/database';

let fresh: FreshDatabase;
let database: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = createPool({ url: fresh.url, size: 2, statementTimeoutMs: 10_000, name: 'test' });
});
afterAll(async () => {
  await database.end();
  await fresh.drop();
});

/** Views by the names of PostgreSQL's own tables: whoever reads them calls a function that notes as whom. */
const namesOfItsOwn = `
create function pg_temp.noted(value oid) returns oid language plpgsql as $$
begin
  perform set_config('test.done_as', current_user, false);
  return value;
end $$;
create temporary view pg_partitioned_table as
  select pg_temp.noted(partrelid) as partrelid, partattrs from pg_catalog.pg_partitioned_table;
create temporary view pg_inherits as
  select inhrelid, pg_temp.noted(inhparent) as inhparent from pg_catalog.pg_inherits;
grant select on pg_partitioned_table, pg_inherits to public;`;

async function inSession(work: (connection: Transaction) => Promise<void>): Promise<void> {
  const connection = await database.connect();
  try {
    await work(connection);
  } finally {
    connection.release(true);
  }
}

test.each([
  `ensure_partitions('payments', 'month', 3)`,
  'drop_oldest_call_month(60)',
  'drop_oldest_callback_day(14)',
])('what a session makes by the name of a system table is not run as the owner by %s', (call) =>
  inSession(async (connection) => {
    await connection.query(namesOfItsOwn);
    await connection.query(`select * from ${call}`);
    const { rows } = await connection.query(`select current_setting('test.done_as', true) as "doneAs"`);
    expect(rows).toEqual([{ doneAs: null }]);
  }),
);

test("every function that works with its owner's rights looks for the session's own names last", async () => {
  const { rows } = await database.query(
    `select proname from pg_proc where prosecdef and pronamespace = 'public'::regnamespace
       and not coalesce('search_path=public, pg_temp' = any (proconfig), false)`,
  );
  expect(rows).toEqual([]);
});

test("what writes with its owner's rights is for the application's role, and what was migrated for the owner", async () => {
  const { rows } = await database.query(
    `select proname from pg_proc where prosecdef and provolatile = 'v' and pronamespace = 'public'::regnamespace
       and has_function_privilege('public', oid, 'execute')`,
  );
  expect(rows).toEqual([]);
  for (const sql of [
    `insert into schema_migrations (name, batch) values ('0999_never_run.ts', 1)`,
    'update schema_migrations set batch = batch',
    'update schema_migrations_lock set is_locked = 1',
  ]) {
    await expect(database.query(sql)).rejects.toMatchObject({ code: '42501' });
  }
});
