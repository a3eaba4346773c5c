import { newId } from '../../../../db/ids';
import { publicId } from '../../../../domain/ids';
import type { BenchContext, BenchGroup, Measurement, MetricDeclaration } from '../../metric';
import { interleave, medianOf, medianRatio, type Arm, type Samples } from '../../pairing';
import { ratePerSecond } from '../../load/closed-loop';
import { connections, startBookServer, type Books } from './books';
import { aSuccessFor, fillOneAccount, fillWith, settled, someMerchants } from './work';

const metrics: readonly MetricDeclaration[] = [
  { name: 'ledger.posts_vs_raw_insert', goal: { atLeast: 0.45 } },
  { name: 'ledger.batched_posts_vs_raw_insert', goal: { atLeast: 0.8 } },
  { name: 'ledger.one_hot_merchant_vs_10k_merchants', goal: { atLeast: 0.8 } },
  { name: 'ledger.balance_read_vs_pk_read', goal: { atLeast: 0.5 } },
  { name: 'ledger.growth_10x', goal: { atLeast: 0.9 } },
];

/** One arm against itself differs by a tenth from round to round: with five the median's error was what the goal leaves. */
const rounds = 11;
/** Readings differ less. */
const readingRounds = 5;
/** Journals in one statement of the batched arm. */
const batch = 100;

interface Size {
  measureMs: number;
  merchants: number;
  postingsOnAccount: number;
  smallPostings: number;
  largePostings: number;
}

const whole: Size = {
  measureMs: 6_000,
  merchants: 10_000,
  postingsOnAccount: 1_000_000,
  smallPostings: 1_000_000,
  largePostings: 10_000_000,
};
/** To try the group itself: with so little data its figures say nothing about the goals. */
const shortened: Size = {
  measureMs: 1_000,
  merchants: 1_000,
  postingsOnAccount: 20_000,
  smallPostings: 20_000,
  largePostings: 200_000,
};

/** The product's ledger against what the same driver and connections do with one-row statements. */
async function run({ say, signal }: BenchContext): Promise<Measurement> {
  const isShort = process.env.BENCH_LEDGER === 'short';
  const size = isShort ? shortened : whole;
  const server = await startBookServer(signal);
  try {
    const merchants = someMerchants(size.merchants);
    const small = await server.openBooks('small');
    const large = await server.openBooks('large');
    say(`filling: ${size.smallPostings} and ${size.largePostings} postings`);
    await fillWith(small, merchants, size.smallPostings, signal);
    await fillWith(large, merchants, size.largePostings, signal);
    const read = await server.openBooks('read');
    say(`filling: ${size.postingsOnAccount} postings on one account`);
    const account = await fillOneAccount(read, size.postingsOnAccount, signal);
    const rowIds = await fillRaw(read, 10_000);

    const one = (books: Books, ownedBy: readonly string[]) => async () => {
      await books.ledger.post(books.database, [aSuccessFor(anyOf(ownedBy))]);
      return 1;
    };
    const manyAtOnce = async () => {
      const journals = Array.from({ length: batch }, () => aSuccessFor(anyOf(merchants)));
      await small.ledger.post(small.database, journals);
      return batch;
    };
    const arm = (name: string, once: () => Promise<number>): Arm => ({
      name,
      async measure(round) {
        signal.throwIfAborted();
        // What the arm before it left to seal (the batched one many seconds of it) is not this one's to pay for.
        for (const books of [small, large]) await settled(books, signal);
        await server.checkpoint();
        const rate = await ratePerSecond(connections, once, size.measureMs);
        say(`round ${round + 1}, ${name}: ${rate.toFixed(0)}/s`);
        return rate;
      },
    });

    // What is compared stands side by side; the batched arm, which leaves most behind it, at the end.
    const written = await interleave(
      [
        arm('raw', insertOne(small)),
        arm('posts', one(small, merchants)),
        arm('large', one(large, merchants)),
        arm('hot', one(small, merchants.slice(0, 1))),
        arm('rawAgain', insertOne(small)),
        arm('batched', manyAtOnce),
      ],
      rounds,
    );
    const readings = await interleave(
      [
        arm('row', readRow(read, rowIds)),
        arm('balance', readBalance(read, account)),
        arm('rowAgain', readRow(read, rowIds)),
      ],
      readingRounds,
    );
    return {
      values: {
        'ledger.posts_vs_raw_insert': medianRatio(written, 'posts', 'raw'),
        'ledger.batched_posts_vs_raw_insert': medianRatio(written, 'batched', 'raw'),
        'ledger.one_hot_merchant_vs_10k_merchants': medianRatio(written, 'hot', 'posts'),
        'ledger.balance_read_vs_pk_read': medianRatio(readings, 'balance', 'row'),
        'ledger.growth_10x': medianRatio(written, 'large', 'posts'),
      },
      againstItself: {
        'raw insert': medianRatio(written, 'rawAgain', 'raw'),
        'row read': medianRatio(readings, 'rowAgain', 'row'),
      },
      notes: [
        describe(written, ['raw', 'posts', 'batched', 'hot', 'large']),
        describe(readings, ['row', 'balance']),
      ],
      isShortened: isShort,
    };
  } finally {
    await server.stop().catch((error: unknown) => say(String(error)));
  }
}

/** The unit: one row, a primary key and a unique reference. */
function insertOne({ database }: Books): () => Promise<number> {
  return async () => {
    const id = newId();
    await database.query({
      name: 'bench.insert',
      text: 'insert into bench_raw (id, reference, amount) values ($1, $2, $3)',
      values: [id, `${publicId('payment', id)}-1`, '10000'],
    });
    return 1;
  };
}

function readRow({ database }: Books, ids: readonly string[]): () => Promise<number> {
  return async () => {
    await database.query({
      name: 'bench.row',
      text: 'select amount from bench_raw where id = $1',
      values: [anyOf(ids)],
    });
    return 1;
  };
}

function readBalance({ database }: Books, account: string): () => Promise<number> {
  return async () => {
    await database.query({
      name: 'bench.balance',
      text: 'select ledger_balance($1) as balance',
      values: [account],
    });
    return 1;
  };
}

async function fillRaw({ database }: Books, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId());
  await database.query(
    'insert into bench_raw (id, reference, amount) select id, id::text, 10000 from unnest($1::uuid[]) id',
    [ids],
  );
  return ids;
}

function anyOf(ids: readonly string[]): string {
  return ids[Math.floor(Math.random() * ids.length)] ?? '';
}

function describe(samples: Samples, names: readonly string[]): string {
  return names.map((name) => `${name} ${medianOf(samples, name).toFixed(0)}/s`).join(', ');
}

export const group: BenchGroup = { name: 'ledger', metrics, run };
