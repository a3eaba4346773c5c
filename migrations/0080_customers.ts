import type { Knex } from 'knex';

/**
 * A merchant's customers, what each channel calls them, and the payment methods that channels keep for them. No
 * number of any card: a method is the channel's token, which nobody can charge without the channel's own key.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
create table customers (
  id uuid primary key,
  merchant_id uuid not null references merchants (id),
  mode text not null check (mode in ('live', 'test')),
  -- The merchant's own number for them.
  customer_no text check (customer_no ~ '^[A-Za-z0-9._~-]{1,64}$'),
  -- Name, mail and telephone, sealed under the customer's id.
  profile bytea not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (merchant_id, mode, customer_no),
  unique (id, mode)
);
create index customers_by_merchant on customers (merchant_id, mode, id desc);

-- A test customer has no business at a live channel.
alter table channel_configs add unique (id, mode);

create table customer_accounts (
  customer_id uuid not null,
  mode text not null,
  channel_config_id uuid not null,
  provider_ref text not null check (length(provider_ref) between 1 and 255),
  -- The channel does not know this customer any more.
  removed_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (customer_id, channel_config_id),
  unique (channel_config_id, provider_ref),
  foreign key (customer_id, mode) references customers (id, mode),
  foreign key (channel_config_id, mode) references channel_configs (id, mode)
);

create table saved_methods (
  id uuid primary key,
  customer_id uuid not null,
  channel_config_id uuid not null,
  provider_ref text not null check (length(provider_ref) between 1 and 255),
  kind text not null check (kind in ('card')),
  brand text check (length(brand) <= 40),
  last4 text check (last4 ~ '^[0-9]{4}$'),
  expires_year int check (expires_year between 2000 and 2200),
  expires_month int check (expires_month between 1 and 12),
  created_at timestamptz not null default now(),
  detached_at timestamptz,
  unique (channel_config_id, provider_ref),
  foreign key (customer_id, channel_config_id) references customer_accounts (customer_id, channel_config_id)
);
create index saved_methods_by_customer on saved_methods (customer_id, id desc);

grant select, insert, update on customers, customer_accounts, saved_methods to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
drop table saved_methods, customer_accounts, customers;
alter table channel_configs drop constraint channel_configs_id_mode_key;
`);
}
