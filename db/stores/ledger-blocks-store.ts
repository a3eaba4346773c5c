import type { Queryable } from '../pool';

export interface SealedBlock {
  /** The chain's last block now. */
  blockNo: bigint;
  /** How many journals this call sealed; none, then no block was made. */
  journals: number;
  isBehind: boolean;
}

/** Undefined when another process is sealing. */
export async function sealBlock(db: Queryable, journalsMax: number): Promise<SealedBlock | undefined> {
  const { rows } = await db.query<{ block_no: bigint; journals: number; is_behind: boolean }>({
    name: 'ledger.seal',
    text: 'select block_no, journals, is_behind from ledger_seal($1)',
    values: [journalsMax],
  });
  const row = rows[0];
  return row && { blockNo: row.block_no, journals: row.journals, isBehind: row.is_behind };
}

/** How long ago the first journal was written that no block has yet; 0 when all are sealed. */
export async function sealLagSeconds(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ lag: number }>(
    `select extract(epoch from clock_timestamp() - recorded_at)::float8 as lag from ledger_journals
     where tx >= ledger_sealed_until() order by tx, id limit 1`,
  );
  return rows[0]?.lag ?? 0;
}
