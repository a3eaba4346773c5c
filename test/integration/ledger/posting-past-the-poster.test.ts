import { randomUUID } from 'node:crypto';
import { merchantAccount, platformAccount, type Account } from '../../../domain/ledger/account';
import { newId } from '../../../db/ids';
import { createPool, type Database } from '../../../db/pool';
import { accountId, accountName } from '../../../db/stores/ledger-accounts';
import { createLedger } from '../../../db/stores/ledger-store';
import { aSuccess } from '../../support/ledger';
import { until } from '../../support/until';
import { openPostingBooks, journalOf, refusalCodeOf, type PostingBooks } from '../../support/posting-books';

let books: PostingBooks;
let database: Database;

beforeAll(async () => {
  books = await openPostingBooks();
  ({ database } = books);
});

afterAll(() => books.close());

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

test('lists of any shape are looked at line by line, and what is missing in them is found', async () => {
  const merchantId = randomUUID();
  const pending = merchantAccount('test', merchantId, 'pending', 'USD');
  const available = merchantAccount('test', merchantId, 'available', 'USD');
  const lines = [
    { account: pending, amount: 100n },
    { account: available, amount: -100n },
  ];
  await createLedger().post(database, [journalOf(lines)]);
  const [one, other] = [pending, available].map((account) => accountId(accountName(account)));
  const insert = (accountIds: string, amounts: string) =>
    database.query(
      `insert into ledger_journals (reference, kind, mode, account_ids, amounts, effective_at)
       values ($1, 'success', 'test', $2, $3, now())`,
      [`pay_${newId().replaceAll('-', '')}-1`, accountIds, amounts],
    );
  const refuses = (accountIds: string, amounts: string, message: string) =>
    expect(insert(accountIds, amounts)).rejects.toMatchObject({ code: 'LD001', message });
  const [ids, amounts] = [`{${one},${other}}`, '{5,-5}'];
  for (const [strangeIds, strangeAmounts] of [
    [`{${ids}}`, (list: string) => `{${list}}`],
    [`{{${one}},{${other}}}`, (list: string) => `[2:3]=${list}`],
    [`[3:4]=${ids}`, (list: string) => `[0:1]=${list}`],
    [`[2:2][1:2]={${ids}}`, (list: string) => list],
    [ids, (list: string) => `[0:1]=${list}`],
  ] as const) {
    await refuses(strangeIds, strangeAmounts('{5,-4}'), 'unbalanced');
    await refuses(strangeIds, strangeAmounts('{-200,200}'), 'insufficient_funds');
    await insert(strangeIds, strangeAmounts('{5,-5}'));
  }
  expect(await books.balanceOf(available)).toBe(-125n);
  for (const [lackingIds, lackingAmounts] of [
    [`[0:2]={NULL,${one},${other}}`, amounts],
    [ids, '[0:2]={NULL,5,-5}'],
    [`[2:2][1:3]={{${one},${other},NULL}}`, amounts],
    [ids, '{{5,-5,0}}'],
    ['{}', '{}'],
  ] as const) {
    await refuses(lackingIds, lackingAmounts, 'malformed');
  }
  await insert(ids, amounts);
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
  expect(await books.balanceOf(available)).toBe(0n);
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
  expect(await books.balanceOf(available)).toBe(-999n);
  await ledger.post(database, drawn(999));
  expect(await books.balanceOf(available)).toBe(0n);
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
  expect(await books.balanceOf(available)).toBe(-10n);
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
  expect(await books.balanceOf(available)).toBe(-100n);
});

test('what a block did is written by the block alone, the owner of the tables included', async () => {
  await createLedger().post(database, [aSuccess()]);
  // What other transactions of this server hold back is sealed when they have ended.
  await until('a block is sealed', async () => {
    await database.query('select ledger_seal(100)');
    return (await books.countOf('ledger_account_blocks')) !== 0n;
  });
  const before = await books.countOf('ledger_account_blocks');
  const owner = createPool({ url: books.ownerUrl, size: 1, statementTimeoutMs: 10_000, name: 'owner' });
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
  expect(await books.countOf('ledger_account_blocks')).toBe(before);
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
  expect(await books.balanceOf(available)).toBe(0n);
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
