import { newId } from '../../../db/ids';
import { accountId, accountName } from '../../../db/stores/ledger-accounts';
import { merchantAccount } from '../../../domain/ledger/account';
import { dropChecks } from '../../support/drop-checks';
import { soundBooks, type SoundBooks } from '../../support/sound-books';

let books: SoundBooks;
beforeEach(async () => {
  books = await soundBooks();
});
afterEach(() => books.close());

describe('an account', () => {
  it('that was given to another merchant', async () => {
    const other = newId();
    const account = merchantAccount('test', books.merchantId, 'pending', 'USD');
    const id = accountId(accountName(account));
    await books.breakIt(
      dropChecks('ledger_accounts'),
      `update ledger_accounts set owner_id = '${other}' where id = '${id}'`,
    );
    const itsOwn = accountId(accountName(merchantAccount('test', other, 'pending', 'USD')));
    expect((await books.findings()).account_ids_fit).toBe(
      `account ${id} says that it is test USD merchant_pending of merchant ${other}, whose account is ${itsOwn}`,
    );
  });

  it.each(["mode = 'live'", "currency = 'EUR'", "kind = 'merchant_available'"])(
    'whose %s was written over',
    async (change) => {
      await books.breakIt(
        dropChecks('ledger_accounts'),
        `update ledger_accounts set ${change} where kind = 'merchant_pending'`,
      );
      expect((await books.findings()).account_ids_fit).toMatch(/^account [0-9a-f-]{36} says that it is/);
    },
  );
});
