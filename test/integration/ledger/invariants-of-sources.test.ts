import { newId } from '../../../db/ids';
import { createLedger } from '../../../db/stores/ledger-store';
import { publicId } from '../../../domain/ids';
import {
  disputeHoldJournal,
  disputeLostJournal,
  disputeWonJournal,
  type DisputeBooked,
} from '../../../domain/ledger/dispute-journals';
import type { Journal } from '../../../domain/ledger/journal';
import {
  refundHoldJournal,
  refundJournal,
  refundReleaseJournal,
} from '../../../domain/ledger/payment-journals';
import { soundBooks, type SoundBooks } from '../../support/sound-books';

let books: SoundBooks;
beforeEach(async () => {
  books = await soundBooks();
});
afterEach(() => books.close());

const post = (...journals: Journal[]) => createLedger().post(books.database, journals);
const usd = (amount: bigint) => ({ amount, currency: 'USD' });
const paid = (set: string) => books.breakIt(`update payments set ${set} where order_id = 'paid'`);
const head = () => {
  const { paymentId, merchantId, channelConfigId } = books;
  return { mode: 'test', effectiveAt: new Date(), paymentId, merchantId, channelConfigId } as const;
};

describe('a refund', () => {
  const refund = (over: { feeSetAside?: bigint; feeReturned?: bigint; from?: 'available' } = {}) => ({
    ...{ ...head(), reference: publicId('refund', books.refundId), refundId: books.refundId },
    ...{ from: 'pending' as const, amount: usd(1_000n), ...over },
  });
  const holdAnew = (over: { feeSetAside?: bigint; from?: 'available' }) =>
    books
      .breakIt(`delete from ledger_journals where kind = 'refund_hold'`)
      .then(() => post(refundHoldJournal(refund(over))));
  const sourcesFound = async () => (await books.findings()).refunds_are_booked;
  const done = async () => {
    await books.breakIt(`update refunds set status = 'succeeded'`);
    await paid(`refunded = 1000, status = 'partially_refunded'`);
  };

  it('takes of our fee what its row says', async () => {
    await holdAnew({ feeSetAside: 5n });
    const of = refund().reference;
    const says = (fee: string) =>
      `${of} is processing and takes ${fee} of our fee, its journals 5 when it was set aside, 0 when it was done, and 0 back`;
    expect(await sourcesFound()).toBe(says('nothing yet'));
    await books.breakIt('update refunds set fee_set_aside = 6');
    expect(await sourcesFound()).toBe(says('6'));
    await books.breakIt('update refunds set fee_set_aside = 5');
    expect(await sourcesFound()).toBeUndefined();
    await done();
    await post(refundJournal(refund({ feeSetAside: 5n })));
    expect(await sourcesFound()).toBeUndefined();
  });

  it('takes no more of it than its payment brought', async () => {
    await holdAnew({ feeSetAside: 1_000n });
    await books.breakIt('update refunds set fee_set_aside = amount');
    expect(await sourcesFound()).toBe(
      `${publicId('payment', books.paymentId)}: its refunds take 1000 of a fee of 50`,
    );
  });

  it('gives our part back to us where it fails', async () => {
    await holdAnew({ feeSetAside: 5n });
    await books.breakIt(`update refunds set fee_set_aside = 5, status = 'failed'`);
    await paid('refund_reserved = 0');
    await post(refundReleaseJournal(refund({ feeSetAside: 3n })));
    expect(await sourcesFound()).toBe(
      `${refund().reference} is failed and takes 5 of our fee, its journals 5 when it was set aside, 0 when it was done, and 3 back`,
    );
    await books.breakIt(`delete from ledger_journals where kind = 'refund_release'`);
    await post(refundReleaseJournal(refund({ feeSetAside: 5n })));
    expect(await sourcesFound()).toBeUndefined();
  });

  it('of an older build takes it when it is done, whether or not its row says so since', async () => {
    await done();
    await post(refundJournal(refund({ feeReturned: 5n })));
    expect(await books.findings()).toEqual({});
    await books.breakIt('update refunds set fee_set_aside = 5');
    expect(await books.findings()).toEqual({});
    await books.breakIt(
      'update refunds set fee_set_aside = null',
      `delete from ledger_journals where kind = 'refund'`,
    );
    await post(refundJournal(refund({ feeReturned: 51n })));
    expect(await sourcesFound()).toBe(`${refund().reference} takes 51 of a fee of 50`);
  });

  it('takes from the balance that it says', async () => {
    await books.breakIt(`update refunds set taken_from = 'available'`);
    expect(await books.findings()).toEqual({
      refunds_are_booked: `${refund().reference} takes from the available balance, its journals move 1000 of another`,
    });
  });
});

describe('a dispute', () => {
  let disputeId: string;
  const booked = (from: 'pending' | 'available' = 'pending'): DisputeBooked => ({
    ...{ ...head(), reference: publicId('dispute', disputeId), disputeId, amount: usd(5_000n), from },
  });
  const found = async () => (await books.findings()).disputes_are_booked;
  beforeEach(async () => {
    disputeId = newId();
    await books.breakIt(
      `insert into disputes (id, payment_id, merchant_id, mode, channel_config_id, channel, attempt_no, provider_ref, charge_ref,
         amount, currency, taken_from, status)
       values ('${disputeId}', '${books.paymentId}', '${books.merchantId}', 'test', '${books.channelConfigId}', 'kpay', 1,
         'D-1', 'K-1', 5000, 'USD', 'pending', 'needs_response')`,
    );
    await paid(`status = 'disputed'`);
    await post(disputeHoldJournal(booked()));
    expect(await books.findings()).toEqual({});
  });
  const end = (status: string, fee = 0) =>
    books.breakIt(`update disputes set status = '${status}', finished_at = now(), fee = ${fee}`);
  const elsewhere = (balance: string) =>
    `${booked().reference} takes from the ${balance} balance, its journals move 5000 of another`;

  it('that is won gives back to the balance that it took from', async () => {
    await end('won');
    await paid(`status = 'succeeded'`);
    await post(disputeWonJournal(booked('available')));
    expect(await books.findings()).toEqual({ disputes_are_booked: elsewhere('pending') });
  });

  it('withholds no more than was charged, also with others, and in its currency', async () => {
    const name = publicId('dispute', disputeId);
    await books.breakIt(`update disputes set amount = 10051`);
    expect(await found()).toContain(
      `${name} takes 10051 USD, and all disputes of that money 10051; charged is 10050`,
    );
    await books.breakIt(`update disputes set amount = 5000, currency = 'TWD'`);
    expect(await found()).toContain(
      `${name} takes 5000 TWD, and all disputes of that money 5000; charged is 0`,
    );
  });

  it('can not be written as more than that', async () => {
    const write = (amount: number, currency = 'USD') =>
      books.asOwner(
        `insert into disputes (id, payment_id, merchant_id, mode, channel_config_id, channel, attempt_no, provider_ref,
           amount, currency, taken_from, status)
         select gen_random_uuid(), payment_id, merchant_id, mode, channel_config_id, channel, attempt_no, 'D-2',
           ${amount}, '${currency}', taken_from, status from disputes`,
      );
    const refusal = { constraint: 'disputes_within_charges' };
    await expect(write(5_051)).rejects.toMatchObject(refusal);
    await expect(write(1, 'TWD')).rejects.toMatchObject(refusal);
    await expect(books.asOwner('update disputes set amount = 10051')).rejects.toMatchObject(refusal);
    // Nor does a table of the session by the name of the charges.
    await expect(
      books.asOwner(`create temporary table provider_charges on commit drop as
          select payment_id, disposition, currency, 99999 as amount from public.provider_charges;
        update disputes set amount = 10051`),
    ).rejects.toMatchObject(refusal);
    await write(5_050);
    await expect(books.asOwner(`update disputes set late_money = true`)).rejects.toMatchObject(refusal);
  });

  it('took from the balance that it says', async () => {
    await books.breakIt(`update disputes set taken_from = 'available'`);
    expect(await books.findings()).toEqual({ disputes_are_booked: elsewhere('available') });
  });

  it('that is lost costs us what the channel takes for it, and not the merchant', async () => {
    await end('lost', 1_500);
    await post(disputeLostJournal({ ...booked(), channelFee: 1_500n, feeBorneBy: 'merchant' }));
    expect(await found()).toBe(`${booked().reference} is lost at a cost of 1500 to us, its journals say 0`);
    await books.breakIt(`delete from ledger_journals where kind = 'dispute_lost'`);
    await post(disputeLostJournal({ ...booked(), channelFee: 1_500n }));
    expect(await books.findings()).toEqual({});
  });

  it.each([
    [`charge_ref = 'K-9'`, 'K-9 of the attempt 1'],
    [`charge_ref = 'K-2'`, 'K-2 of the attempt 1'],
    ['attempt_no = 9', 'K-1 of the attempt 9'],
    ['charge_ref = null, attempt_no = 9', ' of the attempt 9'],
    [`late_money = true`, 'K-1 of the attempt 1'],
  ])('is of a charge that took the money, and not with %s', async (set, named) => {
    await books.breakIt(`update disputes set ${set}`);
    expect(await found()).toBe(
      `${booked().reference} takes money, and there is no charge ${named} of its payment`,
    );
    await books.breakIt(`update disputes set charge_ref = null, attempt_no = 1, late_money = false`);
    expect(await found()).toBeUndefined();
  });
});
