import type { Knex } from 'knex';

/** What a refund needs beside its row: the merchant's own number for it, and when its amount was set aside. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
-- One number of the merchant is one refund for ever.
create table refund_keys (
  mode text not null check (mode in ('live', 'test')),
  merchant_id uuid not null,
  refund_no text not null check (refund_no ~ '^[A-Za-z0-9._~-]{1,64}$'),
  refund_id uuid not null unique,
  primary key (mode, merchant_id, refund_no)
);

alter table refunds
  add column refund_no text,
  -- "All that is left" is reckoned when the amount is set aside.
  add column wants_all boolean not null default false,
  -- Null: nothing is set aside yet, or it was refused before anything was.
  add column reserved_at timestamptz,
  add column sent_at timestamptz,
  -- What the channel has not taken by then fails.
  add column give_up_at timestamptz,
  alter column attempt_no drop not null,
  alter column channel drop not null,
  alter column channel_config_id drop not null,
  alter column charge_ref drop not null,
  add check (reserved_at is null or (attempt_no is not null and channel_config_id is not null and charge_ref is not null));

-- A decision that could not be carried out: whatever the merchant's rule is, an operator decides now.
alter table provider_charges add column reopened boolean not null default false;

grant select, insert on refund_keys to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
drop table refund_keys;
alter table provider_charges drop column reopened;
delete from refunds where reserved_at is null;
alter table refunds drop column refund_no, drop column wants_all, drop column reserved_at, drop column sent_at,
  drop column give_up_at, alter column attempt_no set not null, alter column channel set not null,
  alter column channel_config_id set not null, alter column charge_ref set not null;
`);
}
