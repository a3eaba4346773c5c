import type { Database } from '../../../db/pool';
import { newId } from '../../../db/ids';
import { createLedger } from '../../../db/stores/ledger-store';
import { publicId } from '../../../domain/ids';
import { disputeLostElsewhereJournal } from '../../../domain/ledger/dispute-journals';
import type { Journal } from '../../../domain/ledger/journal';
import { refundJournal } from '../../../domain/ledger/payment-journals';
import { suspenseInJournal, suspenseRefundedJournal } from '../../../domain/ledger/suspense-journals';
import { attemptReference } from '../../../domain/payment/reference';
import { soundBooks, type SoundBooks } from '../../support/sound-books';

let books: SoundBooks;
let database: Database;
/** The late payment is charged a second time, on another channel. */
let otherChannel: string;
let otherReference: string;
beforeEach(async () => {
  books = await soundBooks();
  ({ database } = books);
  otherChannel = newId();
  otherReference = `${attemptReference(books.latePaymentId, 2)}:K-3`;
  await database.query(
    `insert into channel_configs (id, channel, mode, name, base_url, credentials, currencies)
     values ($1, 'kpay', 'test', 'Another', 'https://kpay.test', '', '{USD}')`,
    [otherChannel],
  );
  await database.query(
    `insert into provider_charges (channel_config_id, provider_ref, payment_id, attempt_no, amount, currency, disposition)
     values ($1, 'K-3', $2, 2, 10050, 'USD', 'suspense')`,
    [otherChannel, books.latePaymentId],
  );
  await post(suspenseInJournal(late(otherReference, otherChannel)));
});
afterEach(() => books.close());

const post = (...journals: Journal[]) => createLedger().post(database, journals);
const usd = (amount: bigint) => ({ amount, currency: 'USD' });
const late = (reference: string, channelConfigId: string) =>
  ({
    reference,
    channelConfigId,
    paymentId: books.latePaymentId,
    amount: usd(10_050n),
    mode: 'test',
    effectiveAt: new Date(),
  }) as const;

/** Late money is given back, as its row says it. */
async function giveBack(channel: string, providerRef: string, attemptNo: number): Promise<string> {
  const id = newId();
  await database.query(
    `insert into refunds (id, payment_id, merchant_id, mode, amount, currency, status, attempt_no, channel, kind,
       channel_config_id, charge_ref, request_hash, requested_by, reserved_at, finished_at)
     values ($1, $2, $3, 'test', 10050, 'USD', 'succeeded', $4, 'kpay', 'late_money', $5, $6,
       decode(repeat('00', 32), 'hex'), '{}', now(), now())`,
    [id, books.latePaymentId, books.merchantId, attemptNo, channel, providerRef],
  );
  await database.query(
    `update provider_charges set decision = 'refund', decided_at = now(), resolved_at = now() where provider_ref = $1`,
    [providerRef],
  );
  return id;
}

/** A lost dispute about the charge on the second channel, which took a part of what lay in suspense. */
async function loseDispute(): Promise<void> {
  const disputeId = newId();
  await database.query(
    `insert into disputes (id, payment_id, merchant_id, mode, channel_config_id, channel, attempt_no, provider_ref,
       amount, currency, status, finished_at, fee, from_suspense)
     values ($1, $2, $3, 'test', $4, 'kpay', 2, 'D-1', 4000, 'USD', 'lost', now(), 0, 4000)`,
    [disputeId, books.latePaymentId, books.merchantId, otherChannel],
  );
  const { merchantId } = books;
  const head = { ...late(publicId('dispute', disputeId), otherChannel), merchantId, disputeId };
  await post(disputeLostElsewhereJournal({ ...head, amount: usd(4_000n) }, 4_000n));
}

test('what one channel is short of does not hide behind what another has too much', async () => {
  expect(await books.findings()).toEqual({});
  await loseDispute();
  await database.query(`update provider_charges set lost = 4000 where provider_ref = 'K-3'`);
  expect(await books.findings()).toEqual({});
  await database.query(
    `update provider_charges set lost = case provider_ref when 'K-2' then 4000 else 0 end where disposition = 'suspense'`,
  );
  const payment = publicId('payment', books.latePaymentId);
  const line = (channel: string, booked: number, waiting: number) =>
    `${payment}: ${booked} USD of the channel ${publicId('channelConfig', channel)} in suspense, ${waiting} of its charges there wait`;
  const { suspense_is_explained: found, ...others } = await books.findings();
  expect(others).toEqual({});
  expect(found?.split('\n').sort()).toEqual(
    [line(books.channelConfigId, 10_050, 6_050), line(otherChannel, 6_050, 10_050)].sort(),
  );
});

test('late money that was given back left the channel that it came through', async () => {
  const refundId = await giveBack(otherChannel, 'K-3', 2);
  await post(suspenseRefundedJournal({ ...late(otherReference, otherChannel), refundId }));
  expect(await books.findings()).toEqual({});
});

const beside = (channel: string) =>
  expect.stringContaining(`channel_receivable of channel ${channel}, which it may not move`) as string;

test('late money that was given back out of another channel is named', async () => {
  const refundId = await giveBack(otherChannel, 'K-3', 2);
  await post(suspenseRefundedJournal({ ...late(otherReference, books.channelConfigId), refundId }));
  expect(await books.findings()).toEqual({
    counterparties_fit: beside(books.channelConfigId),
    refunds_are_booked: `${publicId('refund', refundId)} gave back 10050 USD, of which 0 left its channel`,
  });
});

test('and so is a refund of a payment that left another channel, in part too', async () => {
  const { refundId, paymentId, merchantId } = books;
  await database.query(`update refunds set status = 'succeeded', finished_at = now()`);
  await books.breakIt(
    `update payments set refunded = 1000, status = 'partially_refunded' where order_id = 'paid'`,
  );
  const reference = publicId('refund', refundId);
  const refund = { ...late(reference, otherChannel), paymentId, merchantId, refundId, amount: usd(1_000n) };
  await post(refundJournal({ ...refund, from: 'pending' }));
  const found = (left: number) => ({
    counterparties_fit: beside(otherChannel),
    refunds_are_booked: `${reference} gave back 1000 USD, of which ${left} left its channel`,
  });
  expect(await books.findings()).toEqual(found(0));
  await books.breakIt(
    `update ledger_journals set account_ids = account_ids || ledger_account_id('test', 'channel', '${books.channelConfigId}', 'channel_receivable', 'USD'),
       amounts = '{1000,-400,-600}' where reference = '${reference}'`,
  );
  expect(await books.findings()).toEqual(found(600));
});

test('a journal that moves suspense beside what it is for is named, though the sums are right', async () => {
  const suspense = `ledger_account_id('test', 'platform', '00000000-0000-0000-0000-000000000000', 'suspense', 'USD')`;
  await database.query(`update refunds set status = 'succeeded', finished_at = now()`);
  await books.breakIt(
    `update payments set refunded = 1000, status = 'partially_refunded' where order_id = 'paid'`,
  );
  const { refundId, paymentId, merchantId, channelConfigId } = books;
  const reference = publicId('refund', refundId);
  const refund = {
    ...late(reference, channelConfigId),
    paymentId,
    merchantId,
    refundId,
    amount: usd(1_000n),
  };
  await post(refundJournal({ ...refund, from: 'pending' }));
  expect(await books.findings()).toEqual({});
  await books.breakIt(
    `update ledger_journals set account_ids = account_ids || ${suspense} || ${suspense}, amounts = amounts || '{700,-700}'
     where reference = '${reference}'`,
  );
  const { suspense_is_explained: found } = await books.findings();
  expect(found?.split('\n').sort()).toEqual([
    `${reference} moved suspense by -700, which no refund does`,
    `${reference} moved suspense by 700, which no refund does`,
  ]);
});
