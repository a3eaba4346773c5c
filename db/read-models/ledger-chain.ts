import { createHash } from 'node:crypto';
import type { Queryable } from '../pool';
import {
  accountListedWithoutBlock,
  accountThatDiffers,
  journalsBetween,
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
  broken?: BrokenRow;
}

/** The last block that was verified; what comes next is hashed onto it. */
export interface ChainHead {
  no: bigint;
  tx_until: string;
  hash: Buffer;
}

export interface VerifiedBlocks extends ChainReport {
  /** Write its hash down elsewhere: whoever rewrites the whole chain can't rewrite that. */
  head: ChainHead;
  /** There is nothing to verify after them, or something is broken. */
  isLast: boolean;
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

const genesis: ChainHead = { no: 0n, tx_until: '0', hash: Buffer.alloc(32) };

/** The whole chain, up to the first row that does not fit. */
export async function verifyChain(db: Queryable): Promise<ChainReport> {
  const report: ChainReport = { blocks: 0, journals: 0 };
  for await (const { blocks, journals, broken } of verifyBlocks(db)) {
    report.blocks += blocks;
    report.journals += journals;
    if (broken !== undefined) report.broken = broken;
  }
  return report;
}

/**
 * Recomputes the chain from the rows themselves, some blocks at a time: from the first, or from the head that an
 * earlier look ended with. That head is what the asker kept, so nothing written here can pass a block for verified.
 */
export async function* verifyBlocks(db: Queryable, from?: string): AsyncGenerator<VerifiedBlocks> {
  let head = from === undefined ? genesis : headOfName(from);
  for (;;) {
    const blocks = await nextBlocks(db, head.no);
    if (blocks.length === 0) {
      const stray = await accountListedWithoutBlock(db);
      const broken: BrokenRow | undefined = stray && { problem: 'account_differs', ...stray };
      yield { blocks: 0, journals: 0, head, isLast: true, ...(broken && { broken }) };
      return;
    }
    const linked: Block[] = [];
    let broken: BrokenRow | undefined;
    for (const block of blocks) {
      broken = brokenLink(linked.at(-1) ?? head, block);
      if (broken !== undefined) break;
      linked.push(block);
    }
    // What the blocks before it hold comes first.
    broken = (await brokenContent(db, linked)) ?? broken;
    const sound = broken === undefined ? linked : linked.filter(({ no }) => no < (broken?.blockNo ?? 0n));
    head = sound.at(-1) ?? head;
    const journals = sound.reduce((sum, { journal_count }) => sum + journal_count, 0);
    const isLast = broken !== undefined;
    yield { blocks: sound.length, journals, head, isLast, ...(broken && { broken }) };
    if (isLast) return;
  }
}

export function nameOfHead({ no, tx_until, hash }: ChainHead): string {
  return `${no}/${tx_until}/${hash.toString('hex')}`;
}

function headOfName(name: string): ChainHead {
  const [, no = '0', tx_until = '0', hash = ''] =
    /^([0-9]{1,18})\/([0-9]{1,20})\/([0-9a-f]{64})$/.exec(name) ?? [];
  return { no: BigInt(no), tx_until, hash: Buffer.from(hash, 'hex') };
}

const journalsAtOnce = 2_000;

/** The next of about so many journals: one block at least, and not a question for each of many small ones. */
async function nextBlocks(db: Queryable, after: bigint): Promise<Block[]> {
  const { rows } = await db.query<Block>(
    `select no, tx_from::text, tx_until::text, journal_count, row_hashes, previous_hash, hash,
       (extract(epoch from sealed_at) * 1000000)::bigint::text as sealed_at_micros
     from (
       select *, sum(journal_count) over (order by no) as journals, row_number() over (order by no) as nth
       from (select * from ledger_blocks where no > $1 order by no limit 500) k
     ) k where nth = 1 or journals <= ${journalsAtOnce} order by no`,
    [after],
  );
  return rows;
}

function brokenLink(previous: ChainHead, block: Block): BrokenRow | undefined {
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
async function brokenContent(db: Queryable, blocks: readonly Block[]): Promise<BrokenRow | undefined> {
  const [first] = blocks;
  const last = blocks.at(-1);
  if (first === undefined || last === undefined) return undefined;
  let at = 0;
  let index = 0;
  for await (const journal of journalsBetween(db, { from: first.tx_from, until: last.tx_until })) {
    let block = blocks[at];
    while (block !== undefined && BigInt(journal.tx) >= BigInt(block.tx_until)) {
      if (index < block.journal_count) return missingFrom(block, index);
      index = 0;
      at += 1;
      block = blocks[at];
    }
    const broken = block && brokenSeal(block, index, journal);
    if (broken !== undefined) return broken;
    index += 1;
  }
  for (const block of blocks.slice(at)) {
    if (index < block.journal_count) return missingFrom(block, index);
    index = 0;
  }
  const differs = await accountThatDiffers(db, { from: first.no, to: last.no });
  return differs && { problem: 'account_differs', ...differs };
}

function brokenSeal(block: Block, index: number, journal: StoredJournal): BrokenRow | undefined {
  const is = (problem: ChainProblem) => ({
    ...{ problem, blockNo: block.no, journalId: journal.id, reference: journal.reference },
  });
  const seal = block.row_hashes.subarray(index * sealBytes, (index + 1) * sealBytes);
  if (seal.length === 0) return is('journal_added');
  if (seal.readBigInt64BE(0) !== journal.id) {
    return sealedIds(block).has(journal.id) ? missingFrom(block, index) : is('journal_added');
  }
  return rowHash(journal).equals(seal.subarray(8)) ? undefined : is('journal_changed');
}

function missingFrom(block: Block, index: number): BrokenRow {
  const journalId = block.row_hashes.readBigInt64BE(index * sealBytes);
  return { problem: 'journal_missing', blockNo: block.no, journalId };
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
