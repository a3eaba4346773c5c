import type { Knex } from 'knex';

/** Rates as they were observed, and quotes made of them: docs/exchange.md explains both. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
-- One unit of base is worth so many of quote. Append-only: what was quoted can be explained for ever.
create table exchange_rates (
  id uuid primary key,
  base text not null check (base ~ '^[A-Z0-9]{3,10}$'),
  quote text not null check (quote ~ '^[A-Z0-9]{3,10}$'),
  rate numeric(48, 18) not null check (rate > 0),
  -- 0.5 is 0.5 %.
  spread_percent numeric(6, 4) not null check (spread_percent between 0 and 50),
  source text not null check (source ~ '^[a-z0-9_-]{2,40}$'),
  observed_at timestamptz not null,
  recorded_at timestamptz not null default now(),
  recorded_by text not null check (length(recorded_by) between 1 and 100),
  check (base <> quote),
  -- Nobody has seen the future; clocks may be a little apart.
  check (observed_at <= recorded_at + interval '1 minute'),
  unique (source, base, quote, observed_at)
);
create index exchange_rates_newest on exchange_rates (base, quote, observed_at desc, id desc);

create function exchange_rates_stay() returns trigger language plpgsql as $$
begin
  raise exception using errcode = 'EX001', message = 'immutable',
    detail = format('%s on exchange_rates: a rate that was wrong is followed by a newer one', tg_op);
end $$;
create trigger stays before update or delete on exchange_rates for each row execute function exchange_rates_stay();
create trigger never_emptied before truncate on exchange_rates for each statement execute function exchange_rates_stay();

-- An offer to one merchant for one payment. Ratios are in smallest units: target for one unit of the source.
create table exchange_quotes (
  id uuid primary key,
  merchant_id uuid not null references merchants (id),
  mode text not null check (mode in ('live', 'test')),
  source_amount numeric(38, 0) not null check (source_amount > 0),
  source_currency text not null,
  target_amount numeric(38, 0) not null check (target_amount >= 0),
  target_currency text not null,
  rate_id uuid not null references exchange_rates (id),
  is_inverse boolean not null,
  market_n numeric not null check (market_n > 0),
  market_d numeric not null check (market_d > 0),
  merchant_n numeric not null check (merchant_n > 0),
  merchant_d numeric not null check (merchant_d > 0),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  payment_id uuid unique,
  locked_at timestamptz,
  check (source_currency <> target_currency),
  check (expires_at > created_at),
  check ((payment_id is null) = (locked_at is null)),
  check (target_amount = div(source_amount * merchant_n, merchant_d)),
  -- The spread is ours or nobody's: a merchant never gets more than the market says.
  check (merchant_n * market_d <= market_n * merchant_d)
);
create index exchange_quotes_by_merchant on exchange_quotes (merchant_id, mode, id desc);

-- What was offered stays as it was offered; it goes to one payment, once, and in time.
create function exchange_quote_locks_once() returns trigger language plpgsql as $$
begin
  if tg_op <> 'UPDATE' then
    raise exception using errcode = 'EX001', message = 'immutable', detail = format('%s on exchange_quotes', tg_op);
  end if;
  if old.payment_id is not null then
    raise exception using errcode = 'EX002', message = 'quote_used', detail = old.id::text;
  end if;
  if new.locked_at > old.expires_at then
    raise exception using errcode = 'EX003', message = 'quote_expired', detail = old.id::text;
  end if;
  if to_jsonb(new) - 'payment_id' - 'locked_at' <> to_jsonb(old) - 'payment_id' - 'locked_at' then
    raise exception using errcode = 'EX001', message = 'immutable', detail = format('quote %s', old.id);
  end if;
  return new;
end $$;
create trigger locks_once before update or delete on exchange_quotes
  for each row execute function exchange_quote_locks_once();
create trigger never_emptied before truncate on exchange_quotes
  for each statement execute function exchange_rates_stay();

grant select, insert on exchange_rates, exchange_quotes to durapay_app;
grant update (payment_id, locked_at) on exchange_quotes to durapay_app;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
drop table exchange_quotes, exchange_rates;
drop function exchange_quote_locks_once(), exchange_rates_stay();
`);
}
