import type { Queryable } from '../pool';

export interface StoredJournal {
  tx: string;
  id: bigint;
  reference: string;
  /** Every column as text, in the table's order. */
  columns: (string | null)[];
}

const pageSize = 500;

/** Page by page: a block is of one transaction at least, and a transaction may be large. */
export async function* journalsBetween(
  db: Queryable,
  range: { from: string; until: string },
): AsyncGenerator<StoredJournal> {
  let after = { tx: range.from, id: -1n };
  for (;;) {
    const { rows } = await db.query<StoredJournal>({
      name: 'ledger.journals_between',
      text: `select j.id, j.reference, j.tx::text as tx,
               array[j.tx::text, j.id::text, j.reference, j.kind, j.mode, j.account_ids::text, j.amounts::text,
                 (extract(epoch from j.effective_at) * 1000000)::bigint::text,
                 (extract(epoch from j.recorded_at) * 1000000)::bigint::text,
                 j.payment_id::text, j.refund_id::text, j.dispute_id::text, j.withdrawal_id::text,
                 j.settlement_id::text, j.workflow_id, j.reason, j.approved_by] as columns
             from ledger_journals j
             where j.tx < $2::xid8 and (j.tx, j.id) > ($1::xid8, $3::bigint)
             order by j.tx, j.id limit ${pageSize}`,
      values: [after.tx, range.until, after.id],
    });
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return;
    after = { tx: last.tx, id: last.id };
  }
}

/** The first account for which something else is listed than what the journals in these blocks say. */
export async function accountThatDiffers(
  db: Queryable,
  blocks: { from: bigint; to: bigint },
): Promise<{ accountId: string; blockNo: bigint } | undefined> {
  const { rows } = await db.query<{ accountId: string; blockNo: bigint }>({
    name: 'ledger.account_that_differs',
    text: `with moved as (
             select k.no as block_no, k.tx_until, l.account_id, sum(l.amount) as amount, count(*) as lines,
               min(j.recorded_at) as first, max(j.recorded_at) as last, array_agg(distinct j.tx order by j.tx) as txs
             from ledger_blocks k join ledger_journals j on j.tx >= k.tx_from and j.tx < k.tx_until
             cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
             where k.no between $1 and $2 group by k.no, l.account_id
           ), listed as (
             select * from ledger_account_blocks where block_no between $1 and $2
           )
           select coalesce(m.account_id, b.account_id) as "accountId", coalesce(m.block_no, b.block_no) as "blockNo"
           from moved m full join listed b on b.account_id = m.account_id and b.block_no = m.block_no
           where (b.tx_until, b.amount, b.posting_count, b.recorded_from, b.recorded_until)
               is distinct from (m.tx_until, m.amount, m.lines, m.first, m.last)
             or (select array_agg(distinct tx order by tx) from unnest(b.txs) tx) is distinct from m.txs
           order by 2, 1 limit 1`,
    values: [blocks.from, blocks.to],
  });
  return rows[0];
}

/** What is listed for an account of a block that was never sealed. One statement: a block sealed meanwhile is not seen. */
export async function accountListedWithoutBlock(
  db: Queryable,
): Promise<{ accountId: string; blockNo: bigint } | undefined> {
  const { rows } = await db.query<{ accountId: string; blockNo: bigint }>(
    `select account_id as "accountId", block_no as "blockNo" from ledger_account_blocks
     where block_no < 1 or block_no > coalesce((select no from ledger_blocks order by no desc limit 1), 0) limit 1`,
  );
  return rows[0];
}
