import { randomUUID } from 'node:crypto';
import { merchantAccount, platformAccount } from '../../../domain/ledger/account';
import type { Journal } from '../../../domain/ledger/journal';
import type { RefusalCode } from '../../../domain/ledger/refusal';
import type { Database } from '../../../db/pool';
import { createLedger } from '../../../db/stores/ledger-store';
import { inTransaction } from '../../../db/transaction';
import { aSuccess } from '../../support/ledger';
import { openPostingBooks, journalOf, refusalCodeOf, type PostingBooks } from '../../support/posting-books';

let books: PostingBooks;
let database: Database;

beforeAll(async () => {
  books = await openPostingBooks();
  ({ database } = books);
});

afterAll(() => books.close());

describe('posting', () => {
  test('a success moves every balance it names', async () => {
    const merchantId = randomUUID();
    const ledger = createLedger();
    const [posted] = await ledger.post(database, [aSuccess({ merchantId })]);
    expect(posted?.replayed).toBe(false);
    expect(await books.balanceOf(merchantAccount('test', merchantId, 'pending', 'USD'))).toBe(-9_680n);
  });

  test('many at once are one statement, and each is its own journal', async () => {
    const merchantId = randomUUID();
    const journals = Array.from({ length: 50 }, () => aSuccess({ merchantId }));
    const before = (await books.countOf('ledger_journals')) ?? 0n;
    await createLedger().post(database, journals);
    expect(await books.countOf('ledger_journals')).toBe(before + 50n);
    expect(await books.balanceOf(merchantAccount('test', merchantId, 'pending', 'USD'))).toBe(-9_680n * 50n);
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
    const before = await books.countOf('ledger_journals');
    const other = { ...aSuccess({ fee: 1n }), reference: journal.reference };
    const work = inTransaction(database, (transaction) => ledger.post(transaction, [aSuccess(), other]));
    expect(await refusalCodeOf(work)).toBe('reference_conflict');
    expect(await books.countOf('ledger_journals')).toBe(before);
  });

  test('the same reference from twelve at once is written once', async () => {
    const journal = aSuccess();
    const ledger = createLedger();
    const results = await Promise.all(Array.from({ length: 12 }, () => ledger.post(database, [journal])));
    expect(results.flat().filter(({ replayed }) => !replayed)).toHaveLength(1);
  });

  test('a repeat on open accounts is the journal that is there, and a transaction goes on after it', async () => {
    const ledger = createLedger();
    const merchantId = randomUUID();
    const channelConfigId = randomUUID();
    const one = () => aSuccess({ merchantId, channelConfigId });
    const [opening, journal, next] = [one(), one(), one()];
    await ledger.post(database, [opening]);
    await ledger.post(database, [opening]); // found to be open
    expect(await ledger.post(database, [journal])).toMatchObject([{ replayed: false }]);
    expect(await ledger.post(database, [journal])).toMatchObject([{ replayed: true }]);
    expect(
      await inTransaction(database, async (transaction) => [
        ...(await ledger.post(transaction, [journal])),
        ...(await ledger.post(transaction, [next])),
      ]),
    ).toMatchObject([{ replayed: true }, { replayed: false }]);
    const other = { ...aSuccess({ merchantId, channelConfigId, fee: 1n }), reference: journal.reference };
    expect(await refusalCodeOf(ledger.post(database, [other]))).toBe('reference_conflict');
    expect(await books.balanceOf(merchantAccount('test', merchantId, 'pending', 'USD'))).toBe(-3n * 9_680n);
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
    const before = await Promise.all(
      ['ledger_journals', 'ledger_postings', 'ledger_accounts'].map(books.countOf),
    );
    const told: RefusalCode[] = [];
    const ledger = createLedger({ onRefused: (refusal) => told.push(refusal.code) });
    expect(await refusalCodeOf(ledger.post(database, [aSuccess(), journal]))).toBe(code);
    expect(told).toEqual([code]);
    expect(await refusalCodeOf(known.post(database, [journal]))).toBe(code);
    expect(await refusalCodeOf(known.post(database, [journalOf(inAndOut), journal]))).toBe(code);
    expect(
      await Promise.all(['ledger_journals', 'ledger_postings', 'ledger_accounts'].map(books.countOf)),
    ).toEqual(before);
  });
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
