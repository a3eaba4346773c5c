import { publicId } from '../../../domain/ids';
import { soundBooks, type SoundBooks } from '../../support/sound-books';

let books: SoundBooks;
beforeEach(async () => {
  books = await soundBooks();
});
afterEach(() => books.close());

const paid = (set: string) => books.breakIt(`update payments set ${set} where order_id = 'paid'`);
const found = async () => (await books.findings()).refunds_are_booked;

describe('what is given back and disputed of a payment', () => {
  it.each([
    ['succeeded', 'refunded = 1000', 'partially_refunded'],
    ['refunded', 'refunded = 1000', 'partially_refunded'],
    ['partially_refunded', 'refunded = captured, refund_reserved = captured', 'refunded'],
    ['refunded', 'refunded = 0', 'succeeded'],
    ['disputed', 'refunded = 0', 'succeeded'],
  ])('does not leave it %s with %s', async (status, set, standing) => {
    await paid(`status = '${status}', ${set}`);
    expect(await found()).toBe(
      `${publicId('payment', books.paymentId)} is ${status}; by its refunds and disputes it is ${standing}`,
    );
    await paid(`status = '${standing}'`);
    expect(await found()).toBeUndefined();
  });

  it('leaves it authorized while more may be captured', async () => {
    await paid(`status = 'authorized', refunded = 1000`);
    expect(await found()).toBeUndefined();
  });

  it('makes it disputed as long as a dispute takes of its own money', async () => {
    await books.breakIt(
      `insert into disputes (id, payment_id, merchant_id, mode, channel_config_id, channel, attempt_no, provider_ref,
         amount, currency, taken_from, status)
       values (gen_random_uuid(), '${books.paymentId}', '${books.merchantId}', 'test', '${books.channelConfigId}', 'kpay', 1,
         'D-1', 5000, 'USD', 'pending', 'needs_response')`,
    );
    const not = (status: string, standing: string) =>
      `${publicId('payment', books.paymentId)} is ${status}; by its refunds and disputes it is ${standing}`;
    expect(await found()).toBe(not('succeeded', 'disputed'));
    await paid(`status = 'disputed'`);
    expect(await found()).toBeUndefined();
    await books.breakIt(`update disputes set status = 'lost'`);
    expect(await found()).toBeUndefined();
    await books.breakIt(`update disputes set status = 'won'`);
    expect(await found()).toBe(not('disputed', 'succeeded'));
    await books.breakIt(`update disputes set status = 'lost', late_money = true`);
    expect(await found()).toBe(not('disputed', 'succeeded'));
  });
});
