import { newId } from '../../../db/ids';
import { addAdjustment, decideAdjustment } from '../../../db/stores/ledger-adjustments-store';
import { createLedger } from '../../../db/stores/ledger-store';
import { inTransaction } from '../../../db/transaction';
import { publicId } from '../../../domain/ids';
import { merchantAccount, platformAccount } from '../../../domain/ledger/account';
import type { Journal } from '../../../domain/ledger/journal';
import { correct } from '../../support/correction';
import { dropChecks } from '../../support/drop-checks';
import { keyIn } from '../../support/keys';
import { soundBooks, type SoundBooks } from '../../support/sound-books';

let books: SoundBooks;
beforeEach(async () => {
  books = await soundBooks();
});
afterEach(() => books.close());

describe('a correction', () => {
  let made: Journal;
  beforeEach(async () => {
    const account = merchantAccount('test', books.merchantId, 'available', 'USD');
    made = await correct(books.database, account, 500n);
  });

  it('that was decided by who asked for it', async () => {
    await books.breakIt(
      dropChecks('ledger_adjustments'),
      'update ledger_adjustments set decided_by = requested_by',
    );
    const [first, second] = (await books.findings()).adjustments_are_approved?.split('\n') ?? [];
    expect(first).toMatch(
      new RegExp(`^${made.reference} was asked for and decided by one, key_[0-9a-f]{32}$`),
    );
    expect(second).toContain(`its journal says ${made.approvedBy} (${made.reason})`);
  });

  it.each(['decided_by', 'requested_by', 'reason'])('whose %s was written over', async (column) => {
    const value = column === 'reason' ? 'another' : newId();
    await books.breakIt(`update ledger_adjustments set ${column} = '${value}'`);
    expect(await books.findings()).toEqual({
      adjustments_are_approved: expect.stringContaining(
        `its journal says ${made.approvedBy} (${made.reason})`,
      ) as string,
    });
  });

  it.each([
    ['the account against another one', 'available'],
    ['none of its accounts', 'pending'],
  ] as const)('whose journal moves %s', async (_what, raised) => {
    await books.breakIt(`delete from ledger_journals where reference = '${made.reference}'`);
    const postings = [
      { account: merchantAccount('test', books.merchantId, raised, 'USD'), amount: -500n },
      { account: platformAccount('test', 'bank', 'USD'), amount: 500n },
    ];
    await createLedger().post(books.database, [{ ...made, postings }]);
    expect(await books.findings()).toEqual({
      adjustments_are_approved: expect.stringContaining(`${made.reference} is to move `) as string,
    });
  });

  it('of keys that were revoked since stays sound', async () => {
    await books.database.query('update api_keys set revoked_at = now()');
    expect(await books.findings()).toEqual({});
  });
});

describe('people who are no operators', () => {
  const account = () => merchantAccount('test', books.merchantId, 'available', 'USD');
  const aKeyOfTheMerchant = () =>
    keyIn(books.database, { role: 'merchant', merchantId: books.merchantId, mode: 'test' });
  const ask = (requestedBy: string) => {
    const asked = { id: newId(), account: account(), amount: 500n, reason: 'a gift', requestedBy };
    return addAdjustment(books.database, asked).then(() => asked.id);
  };

  it.each([
    ['nobody', () => Promise.resolve(newId())],
    ['a merchant', aKeyOfTheMerchant],
  ])('can neither ask for a correction nor decide it: %s', async (_who, theKey) => {
    const key = await theKey();
    await expect(ask(key)).rejects.toMatchObject({ code: 'LD001', message: 'malformed' });
    const id = await ask(await keyIn(books.database));
    const decided = inTransaction(books.database, (transaction) =>
      decideAdjustment(transaction, id, { status: 'approved', by: key }),
    );
    await expect(decided).rejects.toMatchObject({ code: 'LD001', message: 'malformed' });
  });

  it('are not made operators by a table of that name in their own session', async () => {
    const merchantKey = await aKeyOfTheMerchant();
    const connection = await books.database.connect();
    try {
      await connection.query('create temporary table api_keys (id uuid, role text)');
      await connection.query(`insert into pg_temp.api_keys values ($1, 'admin')`, [merchantKey]);
      const asked = {
        id: newId(),
        account: account(),
        amount: 500n,
        reason: 'a gift',
        requestedBy: merchantKey,
      };
      await expect(addAdjustment(connection, asked)).rejects.toMatchObject({ message: 'malformed' });
    } finally {
      connection.release(true);
    }
  });

  it('do not delete the key of one who is', async () => {
    await correct(books.database, account(), 500n);
    await expect(books.asOwner('delete from api_keys')).rejects.toMatchObject({ code: '23503' });
  });

  it.each([
    ['nobody', () => Promise.resolve(newId())],
    ['a merchant', aKeyOfTheMerchant],
  ])(
    'are named where they are written over an operator, in the journal as well: %s',
    async (_who, theKey) => {
      const { reference } = await correct(books.database, account(), 500n);
      const [asker, decider] = [await theKey(), await theKey()];
      await books.breakIt(
        `update ledger_adjustments set requested_by = '${asker}', decided_by = '${decider}'`,
        `update ledger_journals set approved_by = '${publicId('apiKey', decider)}',
         reason = 'counted (asked for by ${publicId('apiKey', asker)})' where reference = '${reference}'`,
      );
      const named = [
        `${reference} was asked for by ${publicId('apiKey', asker)}, which is no key of an operator`,
        `${reference} was decided by ${publicId('apiKey', decider)}, which is no key of an operator`,
      ];
      expect((await books.findings()).adjustments_are_approved?.split('\n').sort()).toEqual(named.sort());
    },
  );
});
