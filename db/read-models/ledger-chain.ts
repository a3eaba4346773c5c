import { createHash } from 'node:crypto';
import type { Queryable } from '../pool';
import {
  accountListedWithoutBlock,
  accountThatDiffers,
  journalsInBlock,
  type StoredJournal,
} from './ledger-block-contents';

export type ChainProblem =
  | 'block_missing'
  | 'block_changed'
  | 'chain_broken'
  | 'journal_changed'
  | 'journal_missing'
  | 'journal_added'
  | 'account_differs';

export interface BrokenRow {
  problem: ChainProblem;
  blockNo: bigint;
  journalId?: bigint;
  reference?: string;
  accountId?: string;
}

export interface ChainReport {
  blocks: number;
  journals: number;
  /** Write it down elsewhere: whoever rewrites the whole chain can't rewrite that. */
  headHash: string;
  /** False: the time was over before the last block. */
  isComplete: boolean;
  broken?: BrokenRow;
}

interface Block {
  no: bigint;
  tx_from: string;
  tx_until: string;
  journal_count: number;
  row_hashes: Buffer;
  previous_hash: Buffer;
  hash: Buffer;
  sealed_at_micros: string;
}

const genesis = Buffer.alloc(32);

/** Recomputes the chain from the rows themselves, one block in memory at a time, up to the first that does not fit. */
export async function verifyChain(
  db: Queryable,
  { msMax }: { msMax: number } = { msMax: Infinity },
): Promise<ChainReport> {
  const startedAt = performance.now();
  const report: ChainReport = {
    blocks: 0,
    journals: 0,
    headHash: genesis.toString('hex'),
    isComplete: true,
  };
  let previous: Pick<Block, 'no' | 'tx_until' | 'hash'> = { no: 0n, tx_until: '0', hash: genesis };
  for (;;) {
    const block = await nextBlock(db, previous.no);
    if (block === undefined) {
      const stray = await accountListedWithoutBlock(db);
      return { ...report, ...(stray && { broken: { problem: 'account_differs', ...stray } }) };
    }
    if (performance.now() - startedAt > msMax) return { ...report, isComplete: false };
    const broken = brokenLink(previous, block) ?? (await brokenContent(db, block));
    if (broken !== undefined) return { ...report, broken };
    report.blocks += 1;
    report.journals += block.journal_count;
    report.headHash = block.hash.toString('hex');
    previous = block;
  }
}

async function nextBlock(db: Queryable, after: bigint): Promise<Block | undefined> {
  const { rows } = await db.query<Block>(
    `select no, tx_from::text, tx_until::text, journal_count, row_hashes, previous_hash, hash,
       (extract(epoch from sealed_at) * 1000000)::bigint::text as sealed_at_micros
     from ledger_blocks where no > $1 order by no limit 1`,
    [after],
  );
  return rows[0];
}

function brokenLink(previous: Pick<Block, 'no' | 'tx_until' | 'hash'>, block: Block): BrokenRow | undefined {
  if (block.no !== previous.no + 1n) return { problem: 'block_missing', blockNo: previous.no + 1n };
  if (!block.previous_hash.equals(previous.hash) || block.tx_from !== previous.tx_until) {
    return { problem: 'chain_broken', blockNo: block.no };
  }
  return blockHash(block).equals(block.hash) ? undefined : { problem: 'block_changed', blockNo: block.no };
}

function blockHash(block: Block): Buffer {
  const { no, tx_from, tx_until, journal_count, sealed_at_micros } = block;
  const head = [no, tx_from, tx_until, journal_count, sealed_at_micros].map((value) => field(String(value)));
  return createHash('sha256')
    .update(head.join(''))
    .update(block.previous_hash)
    .update(block.row_hashes)
    .digest();
}

/** An id of 8 bytes and a SHA-256 for each journal. */
const sealBytes = 40;

/** Rows and seals side by side, in the order in which they were sealed. */
async function brokenContent(db: Queryable, block: Block): Promise<BrokenRow | undefined> {
  const at = (problem: ChainProblem, journalId: bigint, reference?: string): BrokenRow => ({
    problem,
    blockNo: block.no,
    journalId,
    ...(reference !== undefined && { reference }),
  });
  let index = 0;
  for await (const journal of journalsInBlock(db, block)) {
    const seal = block.row_hashes.subarray(index * sealBytes, (index + 1) * sealBytes);
    if (seal.length === 0) return at('journal_added', journal.id, journal.reference);
    const sealedId = seal.readBigInt64BE(0);
    if (sealedId !== journal.id) {
      const isSealed = sealedIds(block).has(journal.id);
      return isSealed ? at('journal_missing', sealedId) : at('journal_added', journal.id, journal.reference);
    }
    if (!rowHash(journal).equals(seal.subarray(8))) {
      return at('journal_changed', journal.id, journal.reference);
    }
    index += 1;
  }
  if (index < block.journal_count) {
    return at('journal_missing', block.row_hashes.readBigInt64BE(index * sealBytes));
  }
  const accountId = await accountThatDiffers(db, block);
  return accountId === undefined ? undefined : { problem: 'account_differs', blockNo: block.no, accountId };
}

function sealedIds(block: Block): Set<bigint> {
  const ids = new Set<bigint>();
  for (let at = 0; at < block.row_hashes.length; at += sealBytes) {
    ids.add(block.row_hashes.readBigInt64BE(at));
  }
  return ids;
}

/** The same text as the database's `ledger_row_text`, made from the columns alone. */
function rowHash(journal: StoredJournal): Buffer {
  return createHash('sha256').update(journal.columns.map(field).join('')).digest();
}

function field(value: string | null): string {
  return value === null ? '-' : `${Buffer.byteLength(value)}:${value}`;
}
