import type { Database } from '../../db/pool';
import type { BookEntry } from '../../dev/sandboxes/kpay/control-api';

/** What must hold whatever happened; each query returns what breaks it. */
const rules: Record<string, string> = {
  'one orderId is one payment': `
    select mode, merchant_id, order_id from payments group by 1, 2, 3 having count(*) > 1`,
  'a paid payment has exactly one charge, of its own amount': `
    select p.id from payments p
    where p.status in ('succeeded', 'partially_refunded', 'refunded', 'disputed') and 1 <> (
      select count(*) from provider_charges c where c.payment_id = p.id and c.disposition = 'payment'
        and c.amount = p.amount and c.currency = p.currency)`,
  'a charge that counts belongs to a payment that was paid': `
    select c.provider_ref from provider_charges c left join payments p on p.id = c.payment_id
    where c.disposition = 'payment'
      and coalesce(p.status, '') not in ('succeeded', 'partially_refunded', 'refunded', 'disputed')`,
  'every change has its event, without a gap': `
    select p.id from payments p where p.version <> (
      select count(*) from payment_events e where e.payment_id = p.id and e.version <= p.version)`,
  'a journal sums to zero in each currency': `
    select j.reference from ledger_journals j, unnest(j.account_ids, j.amounts) as line (account_id, amount)
    join ledger_accounts a on a.id = line.account_id
    group by j.reference, a.currency having sum(line.amount) <> 0`,
};

/** The rules that are broken, by name; none in a platform that is whole. */
export async function brokenInvariants(database: Database, book: readonly BookEntry[]): Promise<string[]> {
  const broken: string[] = [];
  for (const [name, statement] of Object.entries(rules)) {
    const { rowCount } = await database.query(statement);
    if (rowCount !== 0) broken.push(name);
  }
  if (book.some(({ charges }) => charges > 1)) broken.push('the provider charged an order once');
  const { rows } = await database.query<{ provider_ref: string; amount: string }>(
    'select provider_ref, amount::text from provider_charges',
  );
  const ours = rows.map((row) => `${row.provider_ref} ${row.amount}`).sort();
  const theirs = book
    .filter(({ paid_at }) => paid_at !== null)
    .map(({ order_id, amount }) => `${order_id} ${amount}`);
  if (ours.join() !== theirs.sort().join()) broken.push('our charges are the provider’s charges');
  return broken;
}
