import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { startSealer } from '../../../activities/ledger/sealer';
import { createPool, type Database } from '../../../db/pool';
import { verifyChain } from '../../../db/read-models/ledger-chain';
import { sealBlock } from '../../../db/stores/ledger-blocks-store';
import { accountId, accountName } from '../../../db/stores/ledger-accounts';
import { createLedger } from '../../../db/stores/ledger-store';
import { inTransaction } from '../../../db/transaction';
import type { Journal } from '../../../domain/ledger/journal';
import { createMetrics } from '../../../telemetry/metrics';
import { watchSealing } from '../../../workers/ledger-metrics';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { testServers } from '../../support/servers';
import { aSuccess } from '../../support/ledger';

let fresh: FreshDatabase;
let database: Database;

beforeEach(async () => {
  fresh = await freshDatabase();
  database = createPool({ url: fresh.url, size: 10, statementTimeoutMs: 10_000, name: 'test' });
});

afterEach(async () => {
  await database.end();
  await fresh.drop();
});

/** Until nothing is left but what running transactions (of other tests' databases too) hold back. */
async function sealAll(journalsMax = 1_000): Promise<void> {
  for (let round = 0; round < 200; round += 1) {
    await sealBlock(database, journalsMax);
    const { rows } = await database.query<{ unsealed: boolean }>(
      `select exists (select from ledger_journals
         where tx >= coalesce((select max(tx_until) from ledger_blocks), '0'::xid8)) as unsealed`,
    );
    if (rows[0]?.unsealed === false) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('The tail was never sealed.');
}

const balances = async (sql: string) => {
  const { rows } = await database.query<{ account_id: string; balance: bigint }>(sql);
  return new Map(rows.map((row) => [row.account_id, row.balance]));
};

const postedBalances = () =>
  balances('select account_id, sum(amount) as balance from ledger_postings group by account_id');
const servedBalances = () =>
  balances('select id as account_id, ledger_balance(id) as balance from ledger_accounts');
const sealedBalances = () => balances('select account_id, balance from ledger_balances');

test('sealed balances are the sums of the postings, and the chain verifies', async () => {
  const ledger = createLedger();
  const merchantId = randomUUID();
  for (let round = 0; round < 5; round += 1) {
    await ledger.post(
      database,
      Array.from({ length: 20 }, () => aSuccess({ merchantId })),
    );
    await sealAll(7);
  }
  expect(await sealedBalances()).toEqual(await postedBalances());
  expect(await servedBalances()).toEqual(await postedBalances());
  const report = await verifyChain(database);
  expect(report).toMatchObject({ journals: 100 });
  expect(report.blocks).toBeGreaterThanOrEqual(5);
  expect(report.broken).toBeUndefined();
});

test.each([
  '2000-01-01T00:00:00.000Z',
  '2001-09-09T01:46:39.999Z',
  '2001-09-09T01:46:40.000Z',
  '2100-12-31T23:59:59.999Z',
])('what happened at %s is sealed in the words that the verifier finds for it', async (effectiveAt) => {
  await createLedger().post(database, [{ ...aSuccess(), effectiveAt: new Date(effectiveAt) }]);
  await sealAll();
  expect(await verifyChain(database)).toEqual({ blocks: 1, journals: 1 });
});

test.each([
  ['{{A,B}}', '{{5,-5}}'],
  ['{{A},{B}}', '{5,-5}'],
  ['[3:4]={A,B}', '[0:1]={5,-5}'],
  ['[2:2][1:2]={{A,B}}', '{5,-5}'],
])(
  '%s is sealed in the words that the verifier finds for it, and moves its accounts',
  async (ids, amounts) => {
    const journal = aSuccess();
    await createLedger().post(database, [journal]);
    const [one, other] = journal.postings.map(({ account }) => accountId(accountName(account)));
    const idsOfTwo = ids.replace('A', one ?? '').replace('B', other ?? '');
    await database.query(
      `insert into ledger_journals (reference, kind, mode, account_ids, amounts, effective_at)
     values ('pay_by_hand', 'success', 'test', $1, $2, now())`,
      [idsOfTwo, amounts],
    );
    await sealAll();
    const report = await verifyChain(database);
    expect(report.broken).toBeUndefined();
    expect(report.journals).toBe(2);
    expect(await sealedBalances()).toEqual(await postedBalances());
    expect(await servedBalances()).toEqual(await postedBalances());
  },
);

test('a balance is right while postings and seals run into one another', async () => {
  const ledger = createLedger();
  const merchantIds = Array.from({ length: 5 }, () => randomUUID());
  const errors: unknown[] = [];
  const sealers = [1, 2].map(() =>
    startSealer({ database, intervalMs: 3, journalsPerBlockMax: 10, onError: (error) => errors.push(error) }),
  );
  let wrong = 0;
  let posting = true;
  const watching = (async () => {
    while (posting) {
      const { rows } = await database.query<{ wrong: bigint }>(
        `select count(*) as wrong from ledger_accounts a
         where ledger_balance(a.id) <> coalesce((select sum(amount) from ledger_postings where account_id = a.id), 0)`,
      );
      wrong += Number(rows[0]?.wrong);
    }
  })();
  await Promise.all(
    Array.from({ length: 6 }, async (_, writer) => {
      for (let n = 0; n < 15; n += 1) {
        await inTransaction(database, async (transaction) => {
          await ledger.post(transaction, [aSuccess({ merchantId: merchantIds[(n + writer) % 5] })]);
          // Some stay open while others commit: the horizon must wait for them.
          if (n % 5 === 0) await transaction.query('select pg_sleep(0.01)');
        });
      }
    }),
  );
  posting = false;
  await watching;
  await Promise.all(sealers.map((sealer) => sealer.stop()));
  await sealAll();
  expect(errors).toEqual([]);
  expect(wrong).toBe(0);
  expect(await sealedBalances()).toEqual(await postedBalances());
  const report = await verifyChain(database);
  expect(report.broken).toBeUndefined();
  expect(report.journals).toBe(90);
});

test('how far sealing is behind is measured whenever somebody scrapes', async () => {
  const metrics = createMetrics();
  watchSealing(metrics, database);
  const lag = async () =>
    Number(/^durapay_ledger_seal_lag_seconds (\S+)$/m.exec(await metrics.registry.metrics())?.[1]);
  expect(await lag()).toBe(0);
  await createLedger().post(database, [aSuccess()]);
  const first = await lag();
  expect(first).toBeGreaterThan(0);
  expect(await lag()).toBeGreaterThan(first);
  await sealAll();
  expect(await lag()).toBe(0);
});

test('a transaction larger than a block is one block', async () => {
  const ledger = createLedger();
  await ledger.post(
    database,
    Array.from({ length: 30 }, () => aSuccess()),
  );
  await sealAll(10);
  expect(await verifyChain(database)).toMatchObject({ blocks: 1, journals: 30 });
});

test('what a balance was at a moment stays what it was', async () => {
  const ledger = createLedger();
  const same = { merchantId: randomUUID(), channelConfigId: randomUUID() };
  const now = async () => {
    const { rows } = await database.query<{ now: Date }>(
      `select date_trunc('milliseconds', clock_timestamp()) + interval '1 millisecond' as now, pg_sleep(0.003)`,
    );
    return (rows[0] as { now: Date }).now;
  };
  const moments: { at: Date; balances: Map<string, bigint> }[] = [];
  const postAndNote = async () => {
    await ledger.post(database, [aSuccess(same)]);
    moments.push({ at: await now(), balances: await servedBalances() });
  };
  const ago = 2 * 3_600_000;

  await postAndNote();
  await sealAll();
  await postAndNote();
  await sealAll();
  // Two hours pass, so that the next seal keeps the balance that stood before it.
  const ago2h = (column: string) => `${column} = ${column} - interval '2 hours'`;
  await asSuperuser(
    `update ledger_journals set ${ago2h('recorded_at')}`,
    `update ledger_account_blocks set ${ago2h('recorded_from')}, ${ago2h('recorded_until')}`,
    `update ledger_balances set ${ago2h('sealed_at')}`,
  );
  for (const moment of moments) moment.at = new Date(moment.at.getTime() - ago);
  await postAndNote();
  await sealAll();
  await postAndNote();

  const { rows: kept } = await database.query<{ count: bigint }>(
    'select count(*) from ledger_balance_history',
  );
  expect(kept[0]?.count).toBe(BigInt(moments[0]?.balances.size ?? 0));
  for (const moment of moments) {
    const { rows } = await database.query<{ id: string; balance: bigint }>(
      'select id, ledger_balance_at(id, $1) as balance from ledger_accounts',
      [moment.at],
    );
    expect(new Map(rows.map((row) => [row.id, row.balance]))).toEqual(moment.balances);
  }
});

async function asSuperuser(...statements: string[]): Promise<void> {
  const url = new URL(testServers().adminUrl);
  url.pathname = new URL(fresh.url).pathname;
  const client = new Client({ connectionString: url.toString() });
  await client.connect();
  try {
    // Triggers do not fire for a replica: this is what someone with the database in hand can do.
    await client.query('set session_replication_role = replica');
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

describe('tampering is found, by the row', () => {
  let journals: Journal[];

  beforeEach(async () => {
    journals = Array.from({ length: 12 }, () => aSuccess());
    const ledger = createLedger();
    await ledger.post(database, journals.slice(0, 6));
    await sealAll();
    await ledger.post(database, journals.slice(6));
    await sealAll();
    expect((await verifyChain(database)).broken).toBeUndefined();
  });

  const reference = (index: number) => journals[index]?.reference ?? '';
  const named = (index: number) => `reference = '${reference(index)}'`;
  const firstAccountOf = async (index: number) => {
    const { rows } = await database.query<{ id: string }>(
      `select account_ids[1] as id from ledger_journals where ${named(index)}`,
    );
    return rows[0]?.id;
  };

  test('a changed amount', async () => {
    await asSuperuser(
      `update ledger_journals set amounts[1] = amounts[1] + 1, amounts[2] = amounts[2] - 1 where ${named(3)}`,
    );
    expect((await verifyChain(database)).broken).toMatchObject({
      problem: 'journal_changed',
      reference: reference(3),
      blockNo: 1n,
    });
  });

  test('a changed time, in the second block', async () => {
    await asSuperuser(
      `update ledger_journals set effective_at = effective_at + interval '1 microsecond' where ${named(8)}`,
    );
    expect((await verifyChain(database)).broken).toMatchObject({
      problem: 'journal_changed',
      reference: reference(8),
      blockNo: 2n,
    });
  });

  test('a deleted journal', async () => {
    const { rows } = await database.query<{ id: bigint }>(`select id from ledger_journals where ${named(4)}`);
    await asSuperuser(`delete from ledger_journals where ${named(4)}`);
    expect((await verifyChain(database)).broken).toMatchObject({
      problem: 'journal_missing',
      journalId: rows[0]?.id,
    });
  });

  test('an added journal', async () => {
    await asSuperuser(`insert into ledger_journals (tx, reference, kind, mode, account_ids, amounts, effective_at)
      select tx, 'pay_forged', kind, mode, account_ids, amounts, effective_at from ledger_journals where ${named(4)}`);
    expect((await verifyChain(database)).broken).toMatchObject({
      problem: 'journal_added',
      reference: 'pay_forged',
    });
  });

  test.each([
    ['another amount', 'set amount = amount * 2'],
    ['another number of postings', 'set posting_count = posting_count + 1'],
    ['another time', `set recorded_until = recorded_until + interval '1 microsecond'`],
    ['another transaction', `set txs = txs || '1'::xid8`],
  ])('%s in what a block did to an account', async (_name, change) => {
    const accountId = await firstAccountOf(9);
    await asSuperuser(`update ledger_account_blocks ${change} where account_id = '${accountId}'`);
    expect((await verifyChain(database)).broken).toEqual({
      problem: 'account_differs',
      blockNo: 2n,
      accountId,
    });
  });

  test('a block that an account does not list', async () => {
    const accountId = await firstAccountOf(2);
    await asSuperuser(`delete from ledger_account_blocks where account_id = '${accountId}'`);
    expect((await verifyChain(database)).broken).toEqual({
      problem: 'account_differs',
      blockNo: 1n,
      accountId,
    });
  });

  test('a changed journal with its seal made to fit', async () => {
    await asSuperuser(
      `update ledger_journals set workflow_id = 'other' where ${named(1)}`,
      `update ledger_blocks set row_hashes = (select string_agg(int8send(j.id) || sha256(convert_to(ledger_row_text(j), 'UTF8')),
         ''::bytea order by j.tx, j.id) from ledger_journals j where j.tx < tx_until) where no = 1`,
    );
    expect((await verifyChain(database)).broken).toEqual({ problem: 'block_changed', blockNo: 1n });
  });

  test('a block rewritten without the ones after it', async () => {
    await asSuperuser(
      `update ledger_blocks set previous_hash = decode(repeat('11', 32), 'hex') where no = 2`,
    );
    expect((await verifyChain(database)).broken).toEqual({ problem: 'chain_broken', blockNo: 2n });
  });

  test('a deleted block', async () => {
    await asSuperuser('delete from ledger_blocks where no = 1');
    expect((await verifyChain(database)).broken).toEqual({ problem: 'block_missing', blockNo: 1n });
  });
});

test('balances and entries are read without a plan of their own for each reading', async () => {
  const { rows } = await database.query<{ proname: string; settings: string[] }>(
    `select proname, proconfig as settings from pg_proc
     where proname in ('ledger_balance', 'ledger_balance_at', 'ledger_entries')`,
  );
  expect(rows).toHaveLength(3);
  for (const { settings } of rows) expect(settings).toContain('plan_cache_mode=force_generic_plan');
});

describe('what moved an account', () => {
  interface Line {
    tx: string;
    journal_id: bigint;
    no: number;
    amount: bigint;
    recorded_at: Date;
  }
  interface Range {
    since?: Date;
    until?: Date;
  }
  const everything = async (account: string, { since = new Date(0), until }: Range = {}) => {
    const { rows } = await database.query<Line>(
      `select tx::text, journal_id, no, amount, recorded_at from ledger_postings
       where account_id = $1 and recorded_at >= $2 and ($3::timestamptz is null or recorded_at < $3)
       order by ledger_postings.tx desc, journal_id desc, no desc`,
      [account, since, until ?? null],
    );
    return rows;
  };
  const pagewise = async (account: string, limit: number, { since = new Date(0), until }: Range = {}) => {
    const seen: Line[] = [];
    for (;;) {
      const last = seen.at(-1);
      const { rows } = await database.query<Line>(
        'select tx::text, journal_id, no, amount, recorded_at from ledger_entries($1, $2, $3, $4, $5, $6, $7)',
        [account, since, until ?? null, last?.tx ?? null, last?.journal_id ?? null, last?.no ?? null, limit],
      );
      expect(rows.length).toBeLessThanOrEqual(limit);
      seen.push(...rows);
      if (rows.length < limit) return seen;
    }
  };

  test('is told newest first, in pages of any size, over blocks and what no block has yet', async () => {
    const ledger = createLedger();
    const [busy, rare] = [randomUUID(), randomUUID()];
    const together = (count: number, merchantId: string) =>
      ledger.post(
        database,
        Array.from({ length: count }, () => aSuccess({ merchantId })),
      );
    await together(1, rare);
    for (const count of [1, 3, 1]) {
      await together(count, busy);
      await together(2, busy);
      await sealAll();
    }
    await together(1, rare);
    await sealAll();
    await together(2, busy);
    await together(1, busy);
    const { rows: accounts } = await database.query<{ id: string }>(
      `select id from ledger_accounts where owner_id = any ($1) or owner_kind = 'platform'`,
      [[busy, rare]],
    );
    expect(accounts.length).toBeGreaterThanOrEqual(3);
    for (const { id } of accounts) {
      const all = await everything(id);
      const mid = all[Math.floor(all.length / 2)]?.recorded_at;
      for (const limit of [1, 2, 3, 5, 100]) {
        expect(await pagewise(id, limit)).toEqual(all);
        for (const range of [{ since: mid }, { until: mid }, { since: mid, until: all[0]?.recorded_at }]) {
          expect(await pagewise(id, limit, range)).toEqual(await everything(id, range));
        }
      }
    }
  });

  test('is found in any window of time, however many days its blocks lie apart', async () => {
    const ledger = createLedger();
    const [daily, rare] = [randomUUID(), randomUUID()];
    const days = [40, 39, 38, 12, 11, 3, 2, 0];
    for (const [at] of days.entries()) {
      await ledger.post(database, [
        aSuccess({ merchantId: daily }),
        ...(at % 3 === 0 ? [aSuccess({ merchantId: rare })] : []),
      ]);
      await sealAll();
    }
    // Each block was so many days ago; the sealer was away for a day after the third.
    await asSuperuser(
      ...days.flatMap((ago, at) => {
        const back = `interval '${ago} days'`;
        const block = `(select tx_until from ledger_blocks where no = ${at + 1})`;
        const first = `(select tx_from from ledger_blocks where no = ${at + 1})`;
        return [
          `update ledger_journals set recorded_at = recorded_at - ${back} where tx >= ${first} and tx < ${block}`,
          `update ledger_account_blocks set recorded_from = recorded_from - ${back},
             recorded_until = recorded_until - ${back} where tx_until = ${block}`,
          `update ledger_blocks set sealed_at = sealed_at - ${at === 2 ? `interval '37 days'` : back} where no = ${at + 1}`,
        ];
      }),
      'delete from ledger_balance_history',
      `update ledger_balances b set sealed_at = k.sealed_at from ledger_blocks k where k.tx_until = b.through_tx`,
      `insert into ledger_balance_history select account_id, sum(amount) over (partition by account_id order by tx_until),
         tx_until, k.no, k.sealed_at from ledger_account_blocks join ledger_blocks k using (tx_until)`,
    );
    const { rows: accounts } = await database.query<{ id: string }>(
      'select id from ledger_accounts where owner_id = any ($1)',
      [[daily, rare]],
    );
    expect(accounts).toHaveLength(2);
    const daysAgo = (count: number) => new Date(Date.now() - count * 86_400_000);
    const edges = [45, 40.5, 39.5, 38.5, 37.5, 30, 12.5, 11.5, 7, 2.5, 1.5, 0.5].map(daysAgo);
    for (const { id } of accounts) {
      for (const since of edges) {
        const { rows } = await database.query<{ told: bigint; posted: bigint }>(
          `select ledger_balance_at($1, $2) as told, coalesce((
             select sum(amount) from ledger_postings where account_id = $1 and recorded_at <= $2), 0) as posted`,
          [id, since],
        );
        expect(rows[0]?.told).toBe(rows[0]?.posted);
        for (const until of [undefined, ...edges.filter((edge) => edge > since)]) {
          const range = { since, ...(until && { until }) };
          expect(await pagewise(id, 2, range)).toEqual(await everything(id, range));
        }
      }
    }
  });

  test('adds up to its balance at any moment, within a block too', async () => {
    const ledger = createLedger();
    const merchantId = randomUUID();
    for (const isSealedAfter of [false, false, true, false, false, false, true, false, false]) {
      await ledger.post(database, [aSuccess({ merchantId })]);
      if (isSealedAfter) await sealAll();
    }
    const { rows } = await database.query<{ moment: string; posted: bigint; told: bigint }>(
      `select m.moment::text, ledger_balance_at(a.id, m.moment) as told,
         (select sum(amount) from ledger_postings where account_id = a.id and recorded_at <= m.moment) as posted
       from ledger_accounts a cross join (select distinct recorded_at as moment from ledger_journals) m
       where a.owner_id = $1`,
      [merchantId],
    );
    expect(rows).toHaveLength(9);
    expect(new Set(rows.map(({ told }) => told)).size).toBe(9);
    for (const { told, posted } of rows) expect(told).toBe(posted);
  });
});
