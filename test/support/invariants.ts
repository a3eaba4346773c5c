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
  'refunds add up to what their payment says, and not beyond what was captured': `
    select p.id from payments p left join lateral (
      select coalesce(sum(amount) filter (where status = 'succeeded'), 0) as done,
        coalesce(sum(amount) filter (where status <> 'failed' and reserved_at is not null), 0) as set_aside
      from refunds r where r.payment_id = p.id and r.kind = 'merchant'
    ) r on true
    where p.refunded <> r.done or p.refund_reserved <> r.set_aside or p.refund_reserved > p.captured`,
  'what a refund set aside it gave to the customer or back': `
    select r.id from refunds r where r.reserved_at is not null and r.kind <> 'late_money' and
      case r.status when 'succeeded' then array['refund', 'refund_hold'] when 'failed' then array['refund_hold', 'refund_release']
        else array['refund_hold'] end <>
      (select array_agg(j.kind::text order by j.kind) from ledger_journals j where j.refund_id = r.id)`,
  'a journal sums to zero in each currency': `
    select j.reference from ledger_journals j, unnest(j.account_ids, j.amounts) as line (account_id, amount)
    join ledger_accounts a on a.id = line.account_id
    group by j.reference, a.currency having sum(line.amount) <> 0`,
};

const reservedInVain = `
select a.reference from payment_attempts a join payments p on p.id = a.payment_id
where a.reference = any($1) and (p.finished_at is not null or a.attempt_no < p.attempt_no)`;

/** The rules that are broken, by name; none in a platform that is whole. */
export async function brokenInvariants(database: Database, book: readonly BookEntry[]): Promise<string[]> {
  const broken: string[] = [];
  for (const [name, statement] of Object.entries(rules)) {
    const { rowCount } = await database.query(statement);
    if (rowCount !== 0) broken.push(name);
  }
  if (book.some(({ charges }) => charges > 1)) broken.push('the provider charged an order once');
  if (book.some(({ refunds }) => refunds.some(({ effects }) => effects > 1))) {
    broken.push('the provider made a refund once');
  }
  const reserved = book.filter(({ status }) => status === 'authorized').map(({ reference }) => reference);
  const { rowCount: outlived } = await database.query(reservedInVain, [reserved]);
  if (outlived !== 0) broken.push('no reservation outlives its payment, or the attempt it was made by');
  if (!(await refundsAgree(database, book))) broken.push('our refunds are the provider’s refunds');
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

async function refundsAgree(database: Database, book: readonly BookEntry[]): Promise<boolean> {
  const { rows } = await database.query<{ refund: string }>(
    `select 'ref_' || replace(id::text, '-', '') || ' ' || amount as refund from refunds where status = 'succeeded'`,
  );
  const theirs = book
    .flatMap(({ refunds }) => refunds.filter(({ status }) => status === 'succeeded'))
    .map(({ refund_no, amount }) => `${refund_no} ${amount}`);
  return (
    rows
      .map(({ refund }) => refund)
      .sort()
      .join() === theirs.sort().join()
  );
}
