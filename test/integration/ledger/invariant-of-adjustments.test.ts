import { newId } from '../../../db/ids';
import { merchantAccount } from '../../../domain/ledger/account';
import type { Journal } from '../../../domain/ledger/journal';
import { correct } from '../../support/correction';
import { dropChecks } from '../../support/drop-checks';
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
});
