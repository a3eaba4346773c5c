import { newId } from '../../../db/ids';
import { accountId, accountName } from '../../../db/stores/ledger-accounts';
import { changeAccount } from '../../../db/stores/ledger-account-changes';
import { sealBlock } from '../../../db/stores/ledger-blocks-store';
import { merchantAccount } from '../../../domain/ledger/account';
import { correct } from '../../support/correction';
import { soundBooks, type SoundBooks } from '../../support/sound-books';
import { until } from '../../support/until';

let books: SoundBooks;
beforeEach(async () => {
  books = await soundBooks();
});
afterEach(() => books.close());

const available = () => merchantAccount('test', books.merchantId, 'available', 'USD');
const id = () => accountId(accountName(available()));
const named = () => `account ${id()}, test USD merchant_available,`;

/** A correction that two operators made, booked where no trigger looks. */
async function forge(amount: bigint): Promise<void> {
  const made = await correct(books.database, available(), amount, { isBooked: false });
  const lines = made.postings.map((line) => ({ id: accountId(accountName(line.account)), ...line }));
  await books.breakIt(
    `insert into ledger_journals (reference, kind, mode, account_ids, amounts, effective_at, reason, approved_by)
     values ('${made.reference}', 'adjustment', 'test', '{${lines.map((line) => line.id).join()}}',
       '{${lines.map((line) => line.amount).join()}}', now(), '${made.reason}', '${made.approvedBy}')`,
  );
}

const seal = () => until('it is sealed', async () => (await sealBlock(books.database, 1_000)) !== undefined);

async function change(isClosed: boolean): Promise<void> {
  const by = { id: newId(), accountId: id(), reason: 'no more', by: newId() };
  expect(await changeAccount(books.database, { ...by, isClosed })).toBe('changed');
}

it('an account that may not go below zero and did, sealed or not', async () => {
  await correct(books.database, available(), 500n);
  await forge(-500n);
  expect(await books.findings()).toEqual({});
  await forge(-777n);
  const below = { bounds_hold: `${named()} is 777 below zero` };
  expect(await books.findings()).toEqual(below);
  await seal();
  expect(await books.findings()).toEqual(below);
});

it('an account that is closed, and opened again, once it is empty', async () => {
  await correct(books.database, available(), 500n);
  await correct(books.database, available(), -500n);
  await change(true);
  expect(await books.findings()).toEqual({});
  await seal();
  expect(await books.findings()).toEqual({});
  await change(false);
  await correct(books.database, available(), 500n);
  expect(await books.findings()).toEqual({});
});

it('an account that was closed with something in it', async () => {
  await correct(books.database, available(), 500n);
  await books.breakIt(`update ledger_accounts set closed_at = now() where id = '${id()}'`);
  expect((await books.findings()).bounds_hold).toMatch(/, is closed since \S+ \S+ and holds -500$/);
});

it('an account that was moved after it was closed, sealed or not, though it is empty again', async () => {
  await correct(books.database, available(), 500n);
  await correct(books.database, available(), -500n);
  await books.breakIt(
    `update ledger_accounts set closed_at = now() - interval '2 minutes' where id = '${id()}'`,
  );
  const moved =
    /^account [0-9a-f-]{36}, test USD merchant_available, is closed since .+ and was moved at [^\n]+$/;
  expect(await books.findings()).toEqual({ bounds_hold: expect.stringMatching(moved) as string });
  await seal();
  expect(await books.findings()).toEqual({ bounds_hold: expect.stringMatching(moved) as string });
});
