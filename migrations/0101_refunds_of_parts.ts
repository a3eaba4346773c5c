import type { Knex } from 'knex';

/** A part that is captured may be given back while more may be captured: the payment then ends as refunded. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
insert into payment_transitions (from_status, to_status)
values ('authorized', 'partially_refunded'), ('authorized', 'refunded');
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
delete from payment_transitions where from_status = 'authorized' and to_status in ('partially_refunded', 'refunded');
`);
}
