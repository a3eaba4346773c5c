import type { Queryable } from '../pool';

export interface StoredJournal {
  id: bigint;
  reference: string;
  /** Every column as text, in the table's order. */
  columns: (string | null)[];
  /** Its lines by account are the ones it has itself. */
  postings_agree: boolean;
}

const pageSize = 500;

/** Page by page: a block is of one transaction at least, and a transaction may be large. */
export async function* journalsInBlock(
  db: Queryable,
  block: { tx_from: string; tx_until: string },
): AsyncGenerator<StoredJournal> {
  let after = { tx: block.tx_from, id: -1n };
  for (;;) {
    const { rows } = await db.query<StoredJournal & { tx: string }>({
      name: 'ledger.journals_in_block',
      text: `select j.id, j.reference, j.tx::text as tx,
               array[j.tx::text, j.id::text, j.reference, j.kind, j.mode, j.account_ids::text, j.amounts::text,
                 (extract(epoch from j.effective_at) * 1000000)::bigint::text,
                 (extract(epoch from j.recorded_at) * 1000000)::bigint::text,
                 j.payment_id::text, j.refund_id::text, j.dispute_id::text, j.withdrawal_id::text,
                 j.settlement_id::text, j.workflow_id, j.reason, j.approved_by] as columns,
               (select array_agg(p.account_id order by p.no) = j.account_ids
                  and array_agg(p.amount order by p.no) = j.amounts
                from (select distinct unnest(j.account_ids) as id) a
                join ledger_postings p on p.account_id = a.id and p.tx = j.tx and p.journal_id = j.id
                  and p.recorded_at = j.recorded_at) is true as postings_agree
             from ledger_journals j
             where j.tx < $2::xid8 and (j.tx, j.id) > ($1::xid8, $3::bigint)
             order by j.tx, j.id limit ${pageSize}`,
      values: [after.tx, block.tx_until, after.id],
    });
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return;
    after = { tx: last.tx, id: last.id };
  }
}
