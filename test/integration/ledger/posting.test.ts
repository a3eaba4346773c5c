import { randomUUID } from 'node:crypto';
import { merchantAccount, platformAccount, type Account } from '../../../domain/ledger/account';
import type { Journal } from '../../../domain/ledger/journal';
import { publicId } from '../../../domain/ids';
import { LedgerRefusal, type RefusalCode } from '../../../domain/ledger/refusal';
import { newId } from '../../../db/ids';
import { createPool, type Database } from '../../../db/pool';
import { accountId, accountName } from '../../../db/stores/ledger-accounts';
import { createLedger } from '../../../db/stores/ledger-store';
import { inTransaction } from '../../../db/transaction';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { aSuccess } from '../../support/ledger';
import { until } from '../../support/until';

let fresh: FreshDatabase;
let database: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = createPool({ url: fresh.url, size: 12, statementTimeoutMs: 10_000, name: 'test' });
});

afterAll(async () => {
  await database.end();
  await fresh.drop();
});

const balanceOf = async (account: Account) => {
  const { rows } = await database.query<{ balance: bigint }>('select ledger_balance($1) as balance', [
    accountId(accountName(account)),
  ]);
  return rows[0]?.balance;
};

const refusalCodeOf = (work: Promise<unknown>): Promise<RefusalCode | 'accepted'> =>
  work.then(
    () => 'accepted' as const,
    (error: unknown) => {
      if (error instanceof LedgerRefusal) return error.code;
      throw error;
    },
  );

const countOf = async (table: string) => {
  const { rows } = await database.query<{ count: bigint }>(`select count(*) from ${table}`);
  return rows[0]?.count;
};

/** A journal between any accounts, for what no builder would make. */
function journalOf(postings: Journal['postings'], over: Partial<Journal> = {}): Journal {
  const id = newId();
  return {
    reference: `${publicId('payment', id)}-1`,
    kind: 'success',
    mode: 'test',
    effectiveAt: new Date(),
    links: { paymentId: id },
    postings,
    ...over,
  };
}

describe('posting', () => {
  test('a success moves every balance it names', async () => {
    const merchantId = randomUUID();
    const ledger = createLedger();
    const [posted] = await ledger.post(database, [aSuccess({ merchantId })]);
    expect(posted?.replayed).toBe(false);
    expect(await balanceOf(merchantAccount('test', merchantId, 'pending', 'USD'))).toBe(-9_680n);
  });

  test('many at once are one statement, and each is its own journal', async () => {
    const merchantId = randomUUID();
    const journals = Array.from({ length: 50 }, () => aSuccess({ merchantId }));
    const before = (await countOf('ledger_journals')) ?? 0n;
    await createLedger().post(database, journals);
    expect(await countOf('ledger_journals')).toBe(before + 50n);
    expect(await balanceOf(merchantAccount('test', merchantId, 'pending', 'USD'))).toBe(-9_680n * 50n);
  });

  test('again with the same content it is the journal that is there', async () => {
    const journal = aSuccess();
    const [first] = await createLedger().post(database, [journal]);
    const other = createLedger();
    const later = { ...journal, effectiveAt: new Date() };
    expect(await other.post(database, [later])).toEqual([{ ...first, replayed: true }]);
    expect(await other.post(database, [later, aSuccess()])).toMatchObject([
      { replayed: true },
      { replayed: false },
    ]);
  });

  test('again with other content it is refused, and nothing of that transaction stays', async () => {
    const journal = aSuccess();
    const ledger = createLedger();
    await ledger.post(database, [journal]);
    const before = await countOf('ledger_journals');
    const other = { ...aSuccess({ fee: 1n }), reference: journal.reference };
    const work = inTransaction(database, (transaction) => ledger.post(transaction, [aSuccess(), other]));
    expect(await refusalCodeOf(work)).toBe('reference_conflict');
    expect(await countOf('ledger_journals')).toBe(before);
  });

  test('the same reference from twelve at once is written once', async () => {
    const journal = aSuccess();
    const ledger = createLedger();
    const results = await Promise.all(Array.from({ length: 12 }, () => ledger.post(database, [journal])));
    expect(results.flat().filter(({ replayed }) => !replayed)).toHaveLength(1);
  });

  test('an account opened in a transaction that was rolled back is opened again', async () => {
    const ledger = createLedger();
    const merchantId = randomUUID();
    const failing = inTransaction(database, async (transaction) => {
      await ledger.post(transaction, [aSuccess({ merchantId })]);
      await ledger.post(transaction, [aSuccess({ merchantId })]);
      throw new Error('changed its mind');
    });
    await expect(failing).rejects.toThrow('changed its mind');
    // Posting twice in one transaction made it look open: that is found out once, and then forgotten.
    const code = await refusalCodeOf(ledger.post(database, [aSuccess({ merchantId })]));
    expect(['unknown_account', 'accepted']).toContain(code);
    await ledger.post(database, [aSuccess({ merchantId })]);
  });
});

describe('is refused by name, with nothing written', () => {
  const merchantId = randomUUID();
  const pending = merchantAccount('test', merchantId, 'pending', 'USD');
  const income = platformAccount('test', 'fee_income', 'USD');
  const euros = platformAccount('test', 'fee_income', 'EUR');
  const live = platformAccount('live', 'fee_income', 'USD');
  const pendingEuros = merchantAccount('test', merchantId, 'pending', 'EUR');
  const clearingEuros = platformAccount('test', 'fx_clearing', 'EUR');

  const inAndOut = [
    { account: pending, amount: 100n },
    { account: income, amount: -100n },
  ];
  const cases: [string, Journal, RefusalCode][] = [
    [
      'what does not balance',
      journalOf([
        { account: pending, amount: 100n },
        { account: income, amount: -99n },
      ]),
      'unbalanced',
    ],
    [
      'two currencies without an exchange',
      journalOf([
        { account: pending, amount: 100n },
        { account: euros, amount: -100n },
      ]),
      'unbalanced',
    ],
    [
      'two currencies that each balance, past clearing',
      journalOf([...inAndOut, { account: euros, amount: 5n }, { account: pendingEuros, amount: -5n }]),
      'crosses_currencies',
    ],
    [
      'two currencies of which one moves clearing',
      journalOf([
        ...inAndOut,
        { account: clearingEuros, amount: 5n },
        { account: pendingEuros, amount: -5n },
      ]),
      'crosses_currencies',
    ],
    [
      'live and test money in one journal',
      journalOf([
        { account: pending, amount: 100n },
        { account: live, amount: -100n },
      ]),
      'mixed_modes',
    ],
    [
      'a line of zero',
      journalOf([
        { account: pending, amount: 0n },
        { account: income, amount: 0n },
      ]),
      'malformed',
    ],
    ['a journal of nothing', journalOf([]), 'malformed'],
    ['a reference of no kind', journalOf(inAndOut, { reference: 'nobody-1' }), 'malformed'],
    ['a reference without end', journalOf(inAndOut, { reference: `pay_${'x'.repeat(400)}` }), 'malformed'],
    [
      'more lines than a journal has',
      journalOf(Array.from({ length: 501 }, () => inAndOut).flat()),
      'malformed',
    ],
    [
      'an adjustment without a reason',
      journalOf(
        [
          { account: pending, amount: 1n },
          { account: income, amount: -1n },
        ],
        { kind: 'adjustment' },
      ),
      'malformed',
    ],
    [
      'an adjustment with a blank reason',
      journalOf(inAndOut, { kind: 'adjustment', reason: ' \n', approvedBy: 'key_1' }),
      'malformed',
    ],
    [
      'an adjustment that nobody approved',
      journalOf(inAndOut, { kind: 'adjustment', reason: 'a cent', approvedBy: '' }),
      'malformed',
    ],
    [
      'a time before all',
      journalOf(inAndOut, { effectiveAt: new Date('1999-12-31T23:59:59.999Z') }),
      'malformed',
    ],
    [
      'a time after all',
      journalOf(inAndOut, { effectiveAt: new Date('2101-01-01T00:00:00.001Z') }),
      'malformed',
    ],
    [
      'an amount that no sum has room for',
      journalOf([
        { account: pending, amount: 10n ** 30n },
        { account: income, amount: -(10n ** 30n) },
      ]),
      'malformed',
    ],
    [
      'an overdraft',
      journalOf([
        { account: { ...pending, kind: 'merchant_available' }, amount: 1n },
        { account: pending, amount: -1n },
      ]),
      'insufficient_funds',
    ],
  ];
  // With all accounts open and known a journal is one plain row, and is looked at in another way than among others.
  const known = createLedger();
  beforeAll(async () => {
    const pairs = [
      [income, pending],
      [euros, pendingEuros],
      [clearingEuros, pendingEuros],
      [live, merchantAccount('live', merchantId, 'pending', 'USD')],
      [merchantAccount('test', merchantId, 'available', 'USD'), pending],
    ] as const;
    for (const [credit, debit] of pairs) {
      const there = [
        { account: debit, amount: 5n },
        { account: credit, amount: -5n },
        { account: debit, amount: -5n },
        { account: credit, amount: 5n },
      ];
      // The second time they are known to be open.
      for (let time = 0; time < 2; time += 1) {
        await known.post(database, [journalOf(there, { mode: credit.mode })]);
      }
    }
  });

  test.each(cases)('%s', async (_name, journal, code) => {
    const before = await Promise.all(['ledger_journals', 'ledger_postings', 'ledger_accounts'].map(countOf));
    const told: RefusalCode[] = [];
    const ledger = createLedger({ onRefused: (refusal) => told.push(refusal.code) });
    expect(await refusalCodeOf(ledger.post(database, [aSuccess(), journal]))).toBe(code);
    expect(told).toEqual([code]);
    expect(await refusalCodeOf(known.post(database, [journal]))).toBe(code);
    expect(await refusalCodeOf(known.post(database, [journalOf(inAndOut), journal]))).toBe(code);
    expect(await Promise.all(['ledger_journals', 'ledger_postings', 'ledger_accounts'].map(countOf))).toEqual(
      before,
    );
  });
});

test('what no block could take is refused: times without end or digest, and what is not a number', async () => {
  const ledger = createLedger();
  const merchantId = randomUUID();
  await ledger.post(database, [aSuccess({ merchantId })]);
  const ids = [
    merchantAccount('test', merchantId, 'pending', 'USD'),
    platformAccount('test', 'fee_income', 'USD'),
  ].map((account) => accountId(accountName(account)));
  const insert = (amounts: string, effectiveAt: string) =>
    database.query(
      `insert into ledger_journals (reference, kind, mode, account_ids, amounts, effective_at)
       values ($1, 'success', 'test', $2::uuid[], $3, $4)`,
      [`pay_${newId().replaceAll('-', '')}-1`, ids, amounts, effectiveAt],
    );
  for (const time of ['infinity', '-infinity', '294270-01-01', '4713-01-01 BC']) {
    await expect(insert('{5,-5}', time)).rejects.toMatchObject({ code: 'LD001', message: 'malformed' });
  }
  await expect(insert('{NaN,NaN}', 'now')).rejects.toMatchObject({ code: 'LD001', message: 'malformed' });
  const most = '9'.repeat(30);
  await insert(`{${most},-${most}}`, '2100-12-31');
  await insert(`{-${most},${most}}`, '2000-01-01');
});

test('two journals that balance only together are refused', async () => {
  const ledger = createLedger();
  const merchantId = randomUUID();
  const lines = (over: bigint) => [
    { account: merchantAccount('test', merchantId, 'pending', 'USD'), amount: 100n },
    { account: platformAccount('test', 'fee_income', 'USD'), amount: over - 100n },
  ];
  for (let time = 0; time < 2; time += 1) await ledger.post(database, [journalOf(lines(0n))]);
  expect(await refusalCodeOf(ledger.post(database, [journalOf(lines(1n)), journalOf(lines(-1n))]))).toBe(
    'unbalanced',
  );
});

test('what lowers a guarded balance is refused where the sum could be of old', async () => {
  const merchantId = randomUUID();
  const available = merchantAccount('test', merchantId, 'available', 'USD');
  const pending = merchantAccount('test', merchantId, 'pending', 'USD');
  const move = (from: Account, to: Account) =>
    journalOf([
      { account: from, amount: 100n },
      { account: to, amount: -100n },
    ]);
  const ledger = createLedger();
  await ledger.post(database, [move(pending, available)]);
  const connection = await database.connect();
  try {
    await connection.query('begin isolation level repeatable read');
    await connection.query('select 1 from ledger_accounts limit 1');
    await ledger.post(database, [move(available, pending)]);
    expect(await refusalCodeOf(ledger.post(connection, [move(available, pending)]))).toBe(
      'insufficient_funds',
    );
  } finally {
    await connection.query('rollback');
    connection.release();
  }
  expect(await balanceOf(available)).toBe(0n);
});

test('in a snapshot of old nothing is posted and no account closed, for it may be closed or hold something by now', async () => {
  const ledger = createLedger();
  const account = merchantAccount('test', randomUUID(), 'pending', 'USD');
  const id = accountId(accountName(account));
  const lines = (amount: bigint) =>
    journalOf([
      { account, amount },
      { account: platformAccount('test', 'fee_income', 'USD'), amount: -amount },
    ]);
  await ledger.post(database, [lines(5n)]);
  await ledger.post(database, [lines(-5n)]);
  const connection = await database.connect();
  try {
    for (const level of ['repeatable read', 'serializable']) {
      await connection.query(`begin isolation level ${level}`);
      await connection.query('select 1 from ledger_accounts limit 1');
      await database.query('select ledger_close_account($1)', [id]);
      expect(await refusalCodeOf(ledger.post(connection, [lines(7n)]))).toBe('closed_account');
      await connection.query('rollback');
      await database.query('select ledger_reopen_account($1)', [id]);

      await connection.query(`begin isolation level ${level}`);
      await connection.query('select 1 from ledger_accounts limit 1');
      await ledger.post(database, [lines(7n)]);
      await expect(connection.query('select ledger_close_account($1)', [id])).rejects.toMatchObject({
        code: 'LD003',
      });
      await connection.query('rollback');
      await ledger.post(database, [lines(-7n)]);
    }
  } finally {
    connection.release(true);
  }
});

test('a thousand journals of one statement lower an account to zero, and one more is refused with all of them', async () => {
  const merchantId = randomUUID();
  const pending = merchantAccount('test', merchantId, 'pending', 'USD');
  const available = merchantAccount('test', merchantId, 'available', 'USD');
  const move = (from: Account, to: Account, amount: bigint) =>
    journalOf([
      { account: from, amount },
      { account: to, amount: -amount },
    ]);
  const ledger = createLedger();
  await ledger.post(database, [move(pending, available, 999n)]);
  const drawn = (count: number) => Array.from({ length: count }, () => move(available, pending, 1n));
  expect(await refusalCodeOf(ledger.post(database, drawn(1_000)))).toBe('insufficient_funds');
  expect(await balanceOf(available)).toBe(-999n);
  await ledger.post(database, drawn(999));
  expect(await balanceOf(available)).toBe(0n);
});

test('a journal that another is written within is looked at for what it lowers, too', async () => {
  const merchantId = randomUUID();
  const pending = merchantAccount('test', merchantId, 'pending', 'USD');
  const available = merchantAccount('test', merchantId, 'available', 'USD');
  await createLedger().post(database, [
    journalOf([
      { account: pending, amount: 10n },
      { account: available, amount: -10n },
    ]),
  ]);
  const ids = `array['${accountId(accountName(available))}', '${accountId(accountName(pending))}']::uuid[]`;
  const connection = await database.connect();
  try {
    // The row that is being made has its number already when the function writes one of its own.
    await connection.query(`
      create function pg_temp.within() returns timestamptz language plpgsql volatile as $$
      begin
        insert into ledger_journals (reference, kind, mode, account_ids, amounts, effective_at)
        values ('pay_within${newId()}', 'success', 'test', ${ids}, '{1,-1}', now());
        return now();
      end $$`);
    await expect(
      connection.query(`insert into ledger_journals (reference, kind, mode, account_ids, amounts, effective_at)
        values ('pay_around${newId()}', 'success', 'test', ${ids}, '{10,-10}', pg_temp.within())`),
    ).rejects.toMatchObject({ message: 'insufficient_funds' });
  } finally {
    connection.release(true);
  }
  expect(await balanceOf(available)).toBe(-10n);
});

test('what lowers a guarded balance is refused with what stands wrong beside it, by that name', async () => {
  const ledger = createLedger();
  const merchantId = randomUUID();
  const pending = merchantAccount('test', merchantId, 'pending', 'USD');
  const available = merchantAccount('test', merchantId, 'available', 'USD');
  const lines = (debit: Account, credit: Account, credited = -100n) => [
    { account: debit, amount: 100n },
    { account: credit, amount: credited },
  ];
  await ledger.post(database, [journalOf(lines(pending, available))]);
  const together = [journalOf(lines(available, pending)), journalOf(lines(pending, available, -99n))];
  expect(await refusalCodeOf(ledger.post(database, together))).toBe('unbalanced');
  expect(await refusalCodeOf(ledger.post(database, together.reverse()))).toBe('unbalanced');
  expect(await balanceOf(available)).toBe(-100n);
});

test('what a block did is written by the block alone, the owner of the tables included', async () => {
  await createLedger().post(database, [aSuccess()]);
  // What other transactions of this server hold back is sealed when they have ended.
  await until('a block is sealed', async () => {
    await database.query('select ledger_seal(100)');
    return (await countOf('ledger_account_blocks')) !== 0n;
  });
  const before = await countOf('ledger_account_blocks');
  const owner = createPool({ url: fresh.ownerUrl, size: 1, statementTimeoutMs: 10_000, name: 'owner' });
  const again = 'insert into ledger_account_blocks select * from ledger_account_blocks limit 1';
  try {
    for (const statement of [
      again,
      'truncate ledger_account_blocks',
      'update ledger_account_blocks set amount = amount',
      'delete from ledger_account_blocks',
      'update ledger_balances set balance = balance',
      'delete from ledger_balances',
      'insert into ledger_balances select * from ledger_balances limit 0',
      'delete from ledger_balance_history',
      'truncate ledger_balance_history',
      'truncate ledger_balances',
    ]) {
      await expect(owner.query(statement)).rejects.toMatchObject({ code: 'LD002' });
    }
  } finally {
    await owner.end();
  }
  await expect(database.query(again)).rejects.toMatchObject({ code: '42501' });
  expect(await countOf('ledger_account_blocks')).toBe(before);
});

test('a balance that may not be overdrawn is not, however many draw on it at once', async () => {
  const ledger = createLedger();
  const merchantId = randomUUID();
  const pending = merchantAccount('test', merchantId, 'pending', 'USD');
  const available = merchantAccount('test', merchantId, 'available', 'USD');
  const move = (debit: Account, credit: Account, amount: bigint) =>
    journalOf([
      { account: debit, amount },
      { account: credit, amount: -amount },
    ]);
  await ledger.post(database, [move(pending, available, 1_000n)]);

  const outcomes = await Promise.all(
    Array.from({ length: 40 }, () => refusalCodeOf(ledger.post(database, [move(available, pending, 100n)]))),
  );
  expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(10);
  expect(outcomes.filter((outcome) => outcome === 'insufficient_funds')).toHaveLength(30);
  expect(await balanceOf(available)).toBe(0n);
});

test('no name that a session makes for itself stands between a journal and its check', async () => {
  const connection = await database.connect();
  try {
    for (const sql of [
      'create schema mine',
      'create function public.abs(numeric) returns numeric language sql return 1',
    ]) {
      await expect(connection.query(sql)).rejects.toMatchObject({ code: '42501' });
    }
    // A table of its own by that name, in which every account is open, and functions that find everything right.
    await connection.query(`
      create temporary table ledger_accounts (like public.ledger_accounts including defaults);
      create function pg_temp.abs(numeric) returns numeric language sql return 1;
      create function pg_temp.cardinality(uuid[]) returns int language sql return 2;
      set search_path = pg_temp, public, pg_catalog`);
    const [one, other] = [randomUUID(), randomUUID()];
    await connection.query(
      `insert into pg_temp.ledger_accounts (id, mode, owner_kind, owner_id, kind, currency, is_guarded)
       select id, 'test', 'merchant', id, 'merchant_pending', 'USD', false from unnest($1::uuid[]) id`,
      [[one, other]],
    );
    const insert = (amounts: string, reference = `pay_${newId().replaceAll('-', '')}-1`) =>
      connection.query(
        `insert into public.ledger_journals (reference, kind, mode, account_ids, amounts, effective_at)
         values ($1, 'success', 'test', $2::uuid[], $3::numeric[], now())`,
        [reference, [one, other], amounts],
      );
    await expect(insert('{5,-5}')).rejects.toMatchObject({ message: 'unknown_account' });
    await expect(insert('{0,0}')).rejects.toMatchObject({ message: 'malformed' });
    // Nor does a setting that reads a pattern otherwise.
    await connection.query('set standard_conforming_strings = off');
    await expect(insert('{5,-5}', 'payxx29')).rejects.toMatchObject({ message: 'malformed' });
  } finally {
    connection.release(true);
  }
});

test('no account is opened in a currency that nobody knows', async () => {
  const odd = aSuccess({ amount: { amount: 100n, currency: 'XXX' } });
  await expect(createLedger().post(database, [odd])).rejects.toMatchObject({
    code: 'malformed',
    detail: expect.stringContaining('XXX, which is no currency') as string,
  });
  const { rows } = await database.query(`select from ledger_accounts where currency = 'XXX'`);
  expect(rows).toEqual([]);
});

describe('under concurrency', () => {
  const merchantId = randomUUID();
  const pending = merchantAccount('test', merchantId, 'pending', 'USD');
  const income = platformAccount('test', 'fee_income', 'USD');
  const times = <T>(count: number, work: (at: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_none, at) => work(at)));
  const journals = () => countOf('ledger_journals');

  test.each<[RefusalCode, () => Journal]>([
    [
      'unbalanced',
      () =>
        journalOf([
          { account: pending, amount: 100n },
          { account: income, amount: -99n },
        ]),
    ],
    [
      'unbalanced',
      () =>
        journalOf([
          { account: pending, amount: 100n },
          { account: { ...income, currency: 'EUR' }, amount: -100n },
        ]),
    ],
    [
      'mixed_modes',
      () =>
        journalOf([
          { account: pending, amount: 100n },
          { account: { ...income, mode: 'live' }, amount: -100n },
        ]),
    ],
    [
      'insufficient_funds',
      () =>
        journalOf([
          { account: { ...pending, kind: 'merchant_held' }, amount: 1n },
          { account: pending, amount: -1n },
        ]),
    ],
  ])(
    '%s: each of twenty is refused by name, and what is right beside them is written',
    async (code, wrong) => {
      const ledger = createLedger();
      const before = (await journals()) ?? 0n;
      const outcomes = await times(20, (at) =>
        refusalCodeOf(ledger.post(database, [at % 4 === 0 ? aSuccess() : wrong()])),
      );
      expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(5);
      expect(outcomes.filter((outcome) => outcome === code)).toHaveLength(15);
      expect(await journals()).toBe(before + 5n);
    },
  );

  test('statements that lower the same two accounts in opposite orders wait for each other, and never in a circle', async () => {
    const owners = [0, 1].map(() => {
      const merchantId = randomUUID();
      return {
        pending: merchantAccount('test', merchantId, 'pending', 'USD'),
        available: merchantAccount('test', merchantId, 'available', 'USD'),
      };
    });
    const move = (from: Account, to: Account, amount: bigint) =>
      journalOf([
        { account: from, amount },
        { account: to, amount: -amount },
      ]);
    const ledger = createLedger();
    await ledger.post(
      database,
      owners.map(({ pending, available }) => move(pending, available, 100n)),
    );
    await times(60, (at) => {
      const drawn = owners.map(({ pending, available }) => move(available, pending, 1n));
      // What lowers nothing stands before it, between and after.
      const [one, other] = at % 2 === 0 ? drawn : drawn.reverse();
      return ledger.post(
        database,
        [aSuccess(), one, aSuccess(), other, aSuccess()].flatMap((it) => it ?? []),
      );
    });
    for (const { available } of owners) expect(await balanceOf(available)).toBe(-40n);
  });

  test('an unknown account, named past the poster: each is refused by name', async () => {
    const known = accountId(accountName(income));
    await createLedger().post(database, [aSuccess()]);
    const before = await Promise.all(['ledger_journals', 'ledger_postings'].map(countOf));
    const outcomes = await times(10, () =>
      database
        .query(
          `insert into ledger_journals (reference, kind, mode, account_ids, amounts, effective_at)
           values ($1, 'success', 'test', $2::uuid[], '{5,-5}', now())`,
          [`pay_${newId().replaceAll('-', '')}-1`, [known, randomUUID()]],
        )
        .then(
          () => 'accepted',
          ({ message }: Error) => message,
        ),
    );
    expect(outcomes).toEqual(Array(10).fill('unknown_account'));
    expect(await Promise.all(['ledger_journals', 'ledger_postings'].map(countOf))).toEqual(before);
  });

  test('one reference with twelve contents: the first stands, the others are refused', async () => {
    const { reference } = aSuccess();
    const before = (await journals()) ?? 0n;
    const outcomes = await times(12, (at) =>
      refusalCodeOf(createLedger().post(database, [{ ...aSuccess({ fee: BigInt(at + 1) }), reference }])),
    );
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'reference_conflict')).toHaveLength(11);
    expect(await journals()).toBe(before + 1n);
  });

  test('an account that is closed while it is posted to: what was in before stays, all after is refused by name', async () => {
    const ledger = createLedger();
    const closing = merchantAccount('test', randomUUID(), 'pending', 'USD');
    const id = accountId(accountName(closing));
    // In and out: its balance is zero at any moment.
    const through = () =>
      journalOf([
        { account: closing, amount: 100n },
        { account: closing, amount: -100n },
      ]);
    await ledger.post(database, [through()]);
    const posting = times(60, async (at) => {
      await new Promise((resolve) => setTimeout(resolve, at * 2));
      return refusalCodeOf(ledger.post(database, [through()]));
    });
    await new Promise((resolve) => setTimeout(resolve, 40));
    await database.query('select ledger_close_account($1)', [id]);
    const outcomes = await posting;
    const accepted = outcomes.filter((outcome) => outcome === 'accepted').length;
    expect(outcomes.filter((outcome) => outcome === 'closed_account')).toHaveLength(60 - accepted);
    expect(accepted).toBeLessThan(60);
    const { rows } = await database.query<{ count: bigint }>(
      'select count(*) from ledger_postings where account_id = $1',
      [id],
    );
    expect(rows[0]?.count).toBe(BigInt(accepted + 1) * 2n);
    const before = await journals();
    const told: LedgerRefusal[] = [];
    const watched = createLedger({ onRefused: (refusal) => told.push(refusal) });
    expect(await times(10, () => refusalCodeOf(watched.post(database, [through()])))).toEqual(
      Array(10).fill('closed_account'),
    );
    expect(await journals()).toBe(before);
    // What the runbook reads: the reference, and the accounts as SQL takes them.
    expect(told.map(({ code }) => code)).toEqual(Array(10).fill('closed_account'));
    expect(told[0]?.detail).toContain(`-1: {100,-100} on {${id},${id}}`);
  });

  test('an account that holds something is not closed', async () => {
    const merchantIdOfOne = randomUUID();
    await createLedger().post(database, [aSuccess({ merchantId: merchantIdOfOne })]);
    const id = accountId(accountName(merchantAccount('test', merchantIdOfOne, 'pending', 'USD')));
    await expect(database.query('select ledger_close_account($1)', [id])).rejects.toMatchObject({
      code: 'LD003',
    });
    expect(
      await refusalCodeOf(createLedger().post(database, [aSuccess({ merchantId: merchantIdOfOne })])),
    ).toBe('accepted');
  });
});
