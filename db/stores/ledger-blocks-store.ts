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
