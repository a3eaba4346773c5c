import type { Knex } from 'knex';

/**
 * Disputes that were lost out of suspense before it was written down how much they took: their journals say it. An amount
 * of which only a part was disputed was closed as a whole then; the rest waits for a decision again.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
update disputes d set from_suspense = s.amount
from (
  select d.id, sum(l.amount) as amount
  from disputes d
  join ledger_journals j on j.reference = 'dsp_' || replace(d.id::text, '-', '') || ':lost'
  cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
  join ledger_accounts a on a.id = l.account_id and a.kind = 'suspense'
  where d.status = 'lost' and d.taken_from is null and d.from_suspense = 0
  group by d.id
) s where s.id = d.id;

update provider_charges c set lost = t.lost, resolved_at = case when t.lost = c.amount then c.resolved_at end
from (
  select c.channel_config_id, c.provider_ref, least(sum(d.from_suspense), c.amount) as lost
  from provider_charges c
  join disputes d on d.payment_id = c.payment_id and d.channel_config_id = c.channel_config_id
    and d.attempt_no = c.attempt_no and d.currency = c.currency
    and coalesce(d.charge_ref, c.provider_ref) = c.provider_ref and d.from_suspense > 0
  where c.disposition = 'suspense' and c.decision is null and c.resolved_at is not null and c.lost = 0
  group by c.channel_config_id, c.provider_ref, c.amount
) t where c.channel_config_id = t.channel_config_id and c.provider_ref = t.provider_ref;
`);
}

/** What the journals say is so after as before. */
export async function down(): Promise<void> {}
