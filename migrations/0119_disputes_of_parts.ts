import type { Knex } from 'knex';

/** A part that is captured may be disputed while more may be captured: the payment then ends as disputed. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
insert into payment_transitions (from_status, to_status) values ('authorized', 'disputed');
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
delete from payment_transitions where from_status = 'authorized' and to_status = 'disputed';
`);
}
