import { randomUUID } from 'node:crypto';
import { merchantAccount, platformAccount, type Account } from '../../../domain/ledger/account';
import type { Journal } from '../../../domain/ledger/journal';
import type { LedgerRefusal, RefusalCode } from '../../../domain/ledger/refusal';
import { newId } from '../../../db/ids';
import type { Database } from '../../../db/pool';
import { accountId, accountName } from '../../../db/stores/ledger-accounts';
import { createLedger } from '../../../db/stores/ledger-store';
import { aSuccess } from '../../support/ledger';
import { openPostingBooks, journalOf, refusalCodeOf, type PostingBooks } from '../../support/posting-books';

let books: PostingBooks;
let database: Database;

beforeAll(async () => {
  books = await openPostingBooks();
  ({ database } = books);
});

afterAll(() => books.close());

describe('under concurrency', () => {
  const merchantId = randomUUID();
  const pending = merchantAccount('test', merchantId, 'pending', 'USD');
  const income = platformAccount('test', 'fee_income', 'USD');
  const times = <T>(count: number, work: (at: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_none, at) => work(at)));
  const journals = () => books.countOf('ledger_journals');

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
    for (const { available } of owners) expect(await books.balanceOf(available)).toBe(-40n);
  });

  test('an unknown account, named past the poster: each is refused by name', async () => {
    const known = accountId(accountName(income));
    await createLedger().post(database, [aSuccess()]);
    const before = await Promise.all(['ledger_journals', 'ledger_postings'].map(books.countOf));
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
    expect(await Promise.all(['ledger_journals', 'ledger_postings'].map(books.countOf))).toEqual(before);
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
