import type { Knex } from 'knex';

/** A setting of its own would cost a payment's every change some microseconds, so its table is named with the schema. */
const checkingTransitions = (schema: '' | 'public.') => `
create or replace function check_payment_transition() returns trigger language plpgsql as $$
begin
  if new.status <> old.status and not exists (select from ${schema}payment_transitions where from_status = old.status and to_status = new.status) then
    raise exception 'payment % may not go from % to %', old.id, old.status, new.status using errcode = 'PY001';
  end if;
  if new.version <= old.version then
    raise exception 'payment % changed without a new version', old.id using errcode = 'PY002';
  end if;
  return new;
end $$;
`;

/** A session's own table by the name of one that a check reads stood in for it: then any payment and any dispute passed. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`${checkingTransitions('public.')}
alter function dispute_within_charges() set search_path = public, pg_temp;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`${checkingTransitions('')}
alter function dispute_within_charges() reset search_path;
`);
}
