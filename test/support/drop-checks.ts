/** What its owner can do to a database before the rows: the checks that would forbid it are out of the way. */
export const dropChecks = (table: string) =>
  `do $$ declare name text; begin
     for name in select conname from pg_constraint where conrelid = '${table}'::regclass and contype = 'c' loop
       execute format('alter table ${table} drop constraint %I', name);
     end loop; end $$`;
