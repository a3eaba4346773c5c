import type { Knex } from 'knex';

export const plainAccountIds = `(37 * cardinality(j.account_ids) + 1)::text || ':' || j.account_ids::text`;

/** The text stays what it was, to the letter: what is sealed is verified with it. */
export const rowText = (accountIds: string) => `
create or replace function ledger_row_text(j ledger_journals) returns text language sql stable as $$
  select ledger_field(j.tx::text) || ledger_field(j.id::text) || ledger_field(j.reference) || ledger_field(j.kind)
    || ledger_field(j.mode) || ${accountIds}
    || ledger_field(j.amounts::text) || ledger_moment_field(j.effective_at) || ledger_moment_field(j.recorded_at)
    || ledger_uuid_field(j.payment_id) || ledger_uuid_field(j.refund_id) || ledger_uuid_field(j.dispute_id)
    || ledger_uuid_field(j.withdrawal_id) || ledger_uuid_field(j.settlement_id) || ledger_field(j.workflow_id)
    || ledger_field(j.reason) || ledger_field(j.approved_by)
$$;
`;

const rowTextBefore = `
create or replace function ledger_row_text(j ledger_journals) returns text language sql stable as $$
  select ledger_field(j.tx::text) || ledger_field(j.id::text) || ledger_field(j.reference) || ledger_field(j.kind)
    || ledger_field(j.mode) || ledger_field(j.account_ids::text) || ledger_field(j.amounts::text)
    || ledger_field(ledger_micros(j.effective_at)) || ledger_field(ledger_micros(j.recorded_at))
    || ledger_field(j.payment_id::text) || ledger_field(j.refund_id::text) || ledger_field(j.dispute_id::text)
    || ledger_field(j.withdrawal_id::text) || ledger_field(j.settlement_id::text) || ledger_field(j.workflow_id)
    || ledger_field(j.reason) || ledger_field(j.approved_by)
$$;
`;

/**
 * Two things that a block spent a fifth of its time on. A field whose length is known was spelt out twice, once for its
 * length. And digests and transaction numbers were compressed, block by block: the first can't be, the second are small.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
-- What can't have the tables at once gives up, and is begun again.
set local lock_timeout = '5s';

create function ledger_uuid_field(value uuid) returns text language sql immutable parallel safe as $$
  select coalesce('36:' || value::text, '-')
$$;

-- Of the times that a journal may have: the microsecond after this one is the first with 16 digits.
create function ledger_moment_field(moment timestamptz) returns text language sql stable parallel safe as $$
  select case when moment > '2001-09-09T01:46:39.999999Z' then '16:' else '15:' end || ledger_micros(moment)
$$;
${rowText(plainAccountIds)}
alter table ledger_blocks alter column row_hashes set storage external;
alter table ledger_account_blocks alter column txs set storage external;
`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
set local lock_timeout = '5s';
${rowTextBefore}
drop function ledger_moment_field(timestamptz), ledger_uuid_field(uuid);
alter table ledger_blocks alter column row_hashes set storage extended;
alter table ledger_account_blocks alter column txs set storage extended;
`);
}
