import type { Knex } from 'knex';

/** Late or second money that the merchant was given can be refunded: a refund and a dispute name the charge they are of. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
alter table refunds
  drop constraint refunds_kind_check,
  add constraint refunds_kind_check check (kind in ('merchant', 'late_money', 'accepted_money')),
  add constraint refunds_accepted_money
    check (kind <> 'accepted_money' or (channel_config_id is not null and charge_ref is not null));

-- The provider's number of the disputed charge. Null: nobody knew; it may be any charge of the attempt.
alter table disputes add column charge_ref text;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
alter table disputes drop column charge_ref;
alter table refunds
  drop constraint refunds_accepted_money,
  drop constraint refunds_kind_check,
  add constraint refunds_kind_check check (kind in ('merchant', 'late_money'));
`);
}
