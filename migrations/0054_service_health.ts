import type { Knex } from 'knex';

/** How each service and channel was when it was last asked, or last answered a call. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
create table service_health (
  service_id uuid primary key,
  status text not null check (status in ('healthy', 'unhealthy')),
  since timestamptz not null,
  checked_at timestamptz not null,
  failures_in_row int not null check (failures_in_row >= 0),
  message text
);
grant select, insert, update on service_health to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table service_health');
}
