import { publicId } from '../../../domain/ids';
import { dropChecks } from '../../support/drop-checks';
import { soundBooks, type SoundBooks } from '../../support/sound-books';

let books: SoundBooks;
beforeEach(async () => {
  books = await soundBooks();
});
afterEach(() => books.close());

describe('a payment', () => {
  const name = () => publicId('payment', books.paymentId);

  it.each(['failed', 'cancelled', 'expired', 'rejected', 'processing', 'authorized', 'unknown'])(
    'that was charged and is shown as %s',
    async (status) => {
      await books.breakIt(`update payments set status = '${status}' where order_id = 'paid'`);
      expect(await books.findings()).toEqual({
        paid_is_charged: `${name()} is ${status} with 10050 captured and 10050 charged`,
      });
    },
  );

  it.each(['partially_refunded', 'refunded', 'disputed'])('that was charged and is %s', async (status) => {
    await books.breakIt(`update payments set status = '${status}' where order_id = 'paid'`);
    expect((await books.findings()).paid_is_charged).toBeUndefined();
  });

  it('of which a part was captured waits for the rest', async () => {
    await books.breakIt(
      `update payments set status = 'authorized', amount = amount + 1 where order_id = 'paid'`,
      `update provider_charges set capture_no = 1 where provider_ref = 'K-1'`,
    );
    expect((await books.findings()).paid_is_charged).toBeUndefined();
    await books.breakIt(`update payments set status = 'failed' where order_id = 'paid'`);
    expect((await books.findings()).paid_is_charged).toContain(`${name()} is failed with 10050 captured`);
  });

  it('whose charge names a provider reference of nothing', async () => {
    await books.breakIt(`update provider_charges set provider_ref = ' ' where provider_ref = 'K-1'`);
    expect((await books.findings()).paid_is_charged).toBe(
      `${name()} is succeeded without a charge that names its provider reference`,
    );
  });

  it('of which more was taken than it is of', async () => {
    await books.breakIt(dropChecks('payments'), `update payments set amount = 10049 where order_id = 'paid'`);
    expect(await books.findings()).toEqual({
      paid_is_charged: `${name()} is of 10049 and was charged 10050`,
    });
  });
});
