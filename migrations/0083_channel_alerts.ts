import type { Knex } from 'knex';

/** Operators are told in one list also of channels that lose their traffic, and of secrets that are due. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
alter table integration_alerts drop constraint integration_alerts_kind_check;
alter table integration_alerts add constraint integration_alerts_kind_check check (kind in
  ('limit_near', 'health_failed', 'health_recovered', 'traffic_lost', 'traffic_back', 'credentials_due'));
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
delete from integration_alerts where kind in ('traffic_lost', 'traffic_back', 'credentials_due');
alter table integration_alerts drop constraint integration_alerts_kind_check;
alter table integration_alerts add constraint integration_alerts_kind_check check (kind in
  ('limit_near', 'health_failed', 'health_recovered'));
`);
}
