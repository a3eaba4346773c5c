import type { Knex } from 'knex';

/** The balance of each hour that is over is kept, and each moved by what the block moved it. */
export const keepingAndMoving = `kept as (
      insert into ledger_balance_history (account_id, balance, through_tx, block_no, sealed_at)
      select b.account_id, b.balance, b.through_tx, b.block_no, b.sealed_at
      from moved join ledger_balances b using (account_id)
      where date_trunc('hour', b.sealed_at, 'UTC') < date_trunc('hour', block.sealed_at, 'UTC')
    )
    insert into ledger_balances as b (account_id, balance, posting_count, through_tx, block_no, sealed_at)
    select account_id, amount, lines, block.tx_until, block.no, block.sealed_at from moved
    on conflict (account_id) do update set balance = b.balance + excluded.balance,
      posting_count = b.posting_count + excluded.posting_count, through_tx = excluded.through_tx,
      block_no = excluded.block_no, sealed_at = excluded.sealed_at;
`;

/** What a block does to balances, in the statement after it. */
export const movingBalances = `
    with moved as materialized (
      select l.account_id, sum(l.amount) as amount, count(*) as lines
      from ledger_journals j cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
      where j.tx >= block.tx_from and j.tx < block.tx_until group by l.account_id
    ), ${keepingAndMoving}`;

export const sealing = (moving: string) => `
create or replace function ledger_seal(journals_max int) returns table (block_no bigint, journals int, is_behind boolean)
language plpgsql security definer set search_path = public, pg_temp
set enable_seqscan = off set enable_hashjoin = off as $$
declare
  last ledger_blocks;
  block ledger_blocks;
  horizon xid8;
  cut xid8;
begin
  if not pg_try_advisory_xact_lock(hashtext('ledger_seal')) then
    return;
  end if;
  horizon := pg_snapshot_xmin(pg_current_snapshot());
  select * into last from ledger_blocks order by no desc limit 1;
  block.no := coalesce(last.no, 0) + 1;
  block.tx_from := coalesce(last.tx_until, '0');
  block.tx_until := horizon;
  block.previous_hash := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
  block.sealed_at := clock_timestamp();

  -- A block ends between two transactions; one that is larger than a block is a block of its own.
  select tx into cut from ledger_journals where tx >= block.tx_from and tx < horizon order by tx, id
  offset journals_max limit 1;
  is_behind := found;
  if is_behind then
    select min(tx) into block.tx_until from ledger_journals where tx >= block.tx_from;
    block.tx_until := greatest(cut, (block.tx_until::text::bigint + 1)::text::xid8);
  end if;

  select count(*), string_agg(int8send(j.id) || sha256(convert_to(ledger_row_text(j), 'UTF8')), ''::bytea order by j.tx, j.id)
  into block.journal_count, block.row_hashes
  from ledger_journals j where j.tx >= block.tx_from and j.tx < block.tx_until;
  if block.journal_count > 0 then
    block.hash := sha256(convert_to(
      ledger_field(block.no::text) || ledger_field(block.tx_from::text) || ledger_field(block.tx_until::text)
      || ledger_field(block.journal_count::text) || ledger_field(ledger_micros(block.sealed_at)), 'UTF8')
      || block.previous_hash || block.row_hashes);
    insert into ledger_blocks select block.*;

${moving}  end if;
  block_no := coalesce(case when block.journal_count > 0 then block.no else last.no end, 0);
  journals := block.journal_count;
  return next;
end $$;`;

/** Rolls balances up and chains what was written, block by block: docs/ledger.md, "Sealing". */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
create function ledger_field(value text) returns text language sql immutable parallel safe as $$
  select coalesce(octet_length(value)::text || ':' || value, '-')
$$;

create function ledger_micros(moment timestamptz) returns text language sql immutable parallel safe as $$
  select (extract(epoch from moment) * 1000000)::bigint::text
$$;

-- Every column of a journal, each with its length before it, so that no two rows read alike. The verifier builds the
-- same text on its own (db/read-models/ledger-chain.ts): a changed function here does not hide a changed row.
create function ledger_row_text(j ledger_journals) returns text language sql stable as $$
  select ledger_field(j.tx::text) || ledger_field(j.id::text) || ledger_field(j.reference) || ledger_field(j.kind)
    || ledger_field(j.mode) || ledger_field(j.account_ids::text) || ledger_field(j.amounts::text)
    || ledger_field(ledger_micros(j.effective_at)) || ledger_field(ledger_micros(j.recorded_at))
    || ledger_field(j.payment_id::text) || ledger_field(j.refund_id::text) || ledger_field(j.dispute_id::text)
    || ledger_field(j.withdrawal_id::text) || ledger_field(j.settlement_id::text) || ledger_field(j.workflow_id)
    || ledger_field(j.reason) || ledger_field(j.approved_by)
$$;

-- Seals one block of what no running transaction can still add to, and says whether more is waiting. No row: another
-- process is at it. One statement after another sees at least what the one before saw; what lies before the horizon
-- is finished, so all of them see the same journals.
${sealing(movingBalances)}

-- Closes an account that holds nothing. Writers wait for the moment it takes: a posting is either in before, and
-- counted, or finds the account closed.
create function ledger_close_account(account uuid) returns void language plpgsql
security definer set search_path = public, pg_temp as $$
begin
  perform set_config('lock_timeout', '2s', true);
  lock table ledger_journals in share row exclusive mode;
  if ledger_balance(account) <> 0 then
    raise exception using errcode = 'LD003', message = 'balance_left', detail = account::text;
  end if;
  update ledger_accounts set closed_at = coalesce(closed_at, now()) where id = account;
end $$;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
drop function ledger_close_account(uuid), ledger_seal(int), ledger_row_text(ledger_journals), ledger_micros(timestamptz),
  ledger_field(text);
`);
}
