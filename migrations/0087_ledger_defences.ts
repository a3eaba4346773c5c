import type { Knex } from 'knex';

const accounts = `
-- As db/stores/ledger-accounts.ts comes to it: 122 bits of the SHA-256 of the account's name, a UUID of version 8.
create function ledger_account_id(mode text, owner_kind text, owner_id uuid, kind text, currency text) returns uuid
language sql immutable parallel safe as $$
  select encode(set_byte(set_byte(digest, 6, get_byte(digest, 6) & 15 | 128), 8, get_byte(digest, 8) & 63 | 128), 'hex')::uuid
  from substr(sha256(convert_to(concat_ws('/', mode, owner_kind, owner_id, kind, currency), 'UTF8')), 1, 16) digest
$$;

-- An account with another id would take the place of the one that everybody names; and whose it is says its kind.
alter table ledger_accounts
  add constraint ledger_accounts_id_is_digest check (id = ledger_account_id(mode, owner_kind, owner_id, kind, currency)),
  add constraint ledger_accounts_kind_has_owner check (owner_kind = case
    when kind = 'channel_receivable' then 'channel'
    when kind like 'merchant\\_%' then 'merchant'
    when kind like 'agent\\_%' then 'agent'
    else 'platform' end),
  add constraint ledger_accounts_platform_is_one check
    ((owner_kind = 'platform') = (owner_id = '00000000-0000-0000-0000-000000000000'));

-- Whose money it is stays. An account is only closed and opened again.
create trigger immutable before update of id, mode, owner_kind, owner_id, kind, currency, opened_at or delete
  on ledger_accounts for each row execute function ledger_is_immutable();
create trigger never_emptied before truncate on ledger_accounts for each statement execute function ledger_is_immutable();
`;

/** What the books are defended against by the database itself, whoever writes: docs/ledger.md. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
-- What can't have the tables at once gives up, and is begun again.
set local lock_timeout = '5s';
${accounts}`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
set local lock_timeout = '5s';
drop trigger immutable on ledger_accounts;
drop trigger never_emptied on ledger_accounts;
alter table ledger_accounts drop constraint ledger_accounts_id_is_digest,
  drop constraint ledger_accounts_kind_has_owner, drop constraint ledger_accounts_platform_is_one;
drop function ledger_account_id(text, text, uuid, text, text);
`);
}
