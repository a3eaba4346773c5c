import type { Knex } from 'knex';

/** Every version of whatever operators configure: who wrote it, when, why. docs/integrations.md explains it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
create table config_versions (
  subject text not null check (subject ~ '^[a-z_]{2,40}$'),
  subject_id uuid not null,
  version int not null check (version > 0),
  -- Secrets stand in it as masks; what they are is in "secrets", sealed for this version of this subject.
  document jsonb not null,
  secrets bytea not null,
  author text not null check (length(author) between 1 and 200),
  reason text not null default '' check (length(reason) <= 500),
  rolled_back_to int check (rolled_back_to between 1 and version - 1),
  recorded_at timestamptz not null default now(),
  primary key (subject, subject_id, version)
);

-- At the commit every process hears of it. Configuration only: in money's transactions this would cost too much.
create function tell_config_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('config_changed', new.subject || '/' || new.subject_id);
  return null;
end $$;
create trigger tell_config_changed after insert on config_versions
  for each row execute function tell_config_changed();

grant select, insert on config_versions to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table config_versions; drop function tell_config_changed();');
}
