import type { Knex } from 'knex';

/** A lost dispute may take a part of what lies in suspense: the rest stays there, and is decided about as before. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
alter table provider_charges
  add column lost numeric(38, 0) not null default 0,
  add constraint provider_charges_lost
    check (lost between 0 and amount and (lost = 0 or disposition = 'suspense') and (lost < amount or resolved_at is not null));

-- What of a lost dispute was paid so.
alter table disputes
  add column from_suspense numeric(38, 0) not null default 0,
  add constraint disputes_from_suspense check (from_suspense between 0 and amount);
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
alter table disputes drop column from_suspense;
alter table provider_charges drop column lost;
`);
}
