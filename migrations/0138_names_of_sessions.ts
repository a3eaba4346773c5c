import type { Knex } from 'knex';

const keepers = [
  'ensure_partitions(text, text, int)',
  'drop_oldest_callback_day(int)',
  'drop_oldest_call_month(int)',
];

const lookingIn = (path: string) =>
  keepers.map((keeper) => `alter function ${keeper} set search_path = ${path};`).join('\n');

/**
 * What works with its owner's rights looks for the session's own names last. Where a path does not say so they come first,
 * before PostgreSQL's own tables: a view by such a name ran its maker's functions as the owner. And what has been migrated
 * is the owner's to write down.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
${lookingIn('public, pg_temp')}
revoke execute on function ensure_partitions(text, text, int) from public;
grant execute on function ensure_partitions(text, text, int) to durapay_app;
revoke insert, update on schema_migrations, schema_migrations_lock from durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
grant insert, update on schema_migrations, schema_migrations_lock to durapay_app;
revoke execute on function ensure_partitions(text, text, int) from durapay_app;
grant execute on function ensure_partitions(text, text, int) to public;
${lookingIn('public')}
`);
}
