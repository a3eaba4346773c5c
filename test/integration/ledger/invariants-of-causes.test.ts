import { newId } from '../../../db/ids';
import type { Database } from '../../../db/pool';
import { sealBlock } from '../../../db/stores/ledger-blocks-store';
import { createLedger } from '../../../db/stores/ledger-store';
import { createMerchant } from '../../../db/stores/merchants-store';
import { publicId } from '../../../domain/ids';
import { merchantAccount, platformAccount } from '../../../domain/ledger/account';
import {
  disputeHoldJournal,
  disputeLostElsewhereJournal,
  disputeLostJournal,
  disputeWonJournal,
  type DisputeBooked,
} from '../../../domain/ledger/dispute-journals';
import type { Journal } from '../../../domain/ledger/journal';
import {
  feeJournal,
  refundHoldJournal,
  refundJournal,
  refundReleaseJournal,
} from '../../../domain/ledger/payment-journals';
import { suspenseAcceptedJournal, suspenseInJournal } from '../../../domain/ledger/suspense-journals';
import { attemptReference } from '../../../domain/payment/reference';
import { correct } from '../../support/correction';
import { soundBooks, type SoundBooks } from '../../support/sound-books';
import { aSuccess } from '../../support/ledger';
import { until } from '../../support/until';

let books: SoundBooks;
let database: Database;
beforeEach(async () => {
  books = await soundBooks();
  ({ database } = books);
});
afterEach(() => books.close());

const post = (...journals: Journal[]) => createLedger().post(database, journals);
const usd = (amount: bigint) => ({ amount, currency: 'USD' });
const text = (part: string) => expect.stringContaining(part) as string;

/** What every journal of this test's payment has. */
const head = () => {
  const { paymentId, merchantId, channelConfigId } = books;
  return { mode: 'test', effectiveAt: new Date(), paymentId, merchantId, channelConfigId } as const;
};
const refund = (id = books.refundId) =>
  ({
    ...head(),
    reference: publicId('refund', id),
    refundId: id,
    from: 'pending',
    amount: usd(1_000n),
  }) as const;

describe('money that comes from nothing', () => {
  const dispute = () => ({ ...head(), reference: publicId('dispute', newId()), disputeId: newId() });
  const forged: [kind: string, make: () => Journal][] = [
    ['success', () => aSuccess({ merchantId: books.merchantId })],
    ['success', () => aSuccess({ ...head(), reference: attemptReference(books.paymentId, 2) })],
    [
      'suspense_in',
      () => suspenseInJournal({ ...head(), reference: `${books.reference}:K-3`, amount: usd(5n) }),
    ],
    [
      'suspense_accepted',
      () =>
        suspenseAcceptedJournal({
          ...{
            ...head(),
            paymentId: books.latePaymentId,
            reference: books.lateReference,
            amount: usd(10_050n),
          },
        }),
    ],
    ['refund', () => refundJournal(refund())],
    ['refund_release', () => refundReleaseJournal(refund())],
    ['refund_hold', () => refundHoldJournal(refund(newId()))],
    [
      'fee',
      () => feeJournal({ ...head(), reference: `${books.reference}:fee`, fee: usd(5n), from: 'pending' }),
    ],
    ['dispute_hold', () => disputeHoldJournal({ ...dispute(), amount: usd(5n), from: 'pending' })],
    ['dispute_won', () => disputeWonJournal({ ...dispute(), amount: usd(5n), from: 'pending' })],
    ['dispute_lost', () => disputeLostElsewhereJournal({ ...dispute(), amount: usd(5n) }, 5n)],
  ];
  it.each(forged)('is found in a %s that nothing happened for', async (kind, make) => {
    const journal = make();
    await post(journal);
    expect(await books.findings()).toMatchObject({
      journals_have_causes: `${journal.reference}: nothing is known that its ${kind} would be of`,
    });
  });

  it('is found in lines beside those of a correction that two people made', async () => {
    const account = merchantAccount('test', books.merchantId, 'available', 'USD');
    const journal = await correct(database, account, 500n, { isBooked: false });
    const more = [
      { account: platformAccount('test', 'bank', 'USD'), amount: 900n },
      { account: merchantAccount('test', books.merchantId, 'pending', 'USD'), amount: -900n },
    ];
    await post({ ...journal, postings: [...journal.postings, ...more] });
    expect(await books.findings()).toEqual({
      adjustments_are_approved: text(`${journal.reference} is to move `),
      journals_have_causes: `${journal.reference}: nothing is known that its adjustment would be of`,
    });
  });
});

it('a line on the adjustments account is found in a journal that is right otherwise, sealed or not', async () => {
  await database.query(`update refunds set status = 'succeeded', finished_at = now()`);
  await books.breakIt(
    `update payments set refunded = 1000, status = 'partially_refunded' where order_id = 'paid'`,
  );
  const journal = refundJournal(refund());
  await post(journal);
  expect(await books.findings()).toEqual({});
  const nobodys = { id: '00000000-0000-0000-0000-000000000000', mode: 'test', owner: 'platform' };
  const adjustments = await open({ ...nobodys, kind: 'adjustments' });
  const bank = await open({ ...nobodys, kind: 'bank' });
  await books.breakIt(
    `update ledger_journals set account_ids = account_ids || '{${adjustments},${bank}}', amounts = amounts || '{700,-700}'
     where reference = '${journal.reference}'`,
  );
  const found = {
    adjustments_are_approved: `${journal.reference} moved the adjustments account by 700, which nobody approved`,
    counterparties_fit: text('on the test USD adjustments, which it may not move'),
  };
  expect(await books.findings()).toEqual(found);
  await until('it is sealed', async () => (await sealBlock(database, 1_000)) !== undefined);
  expect(await books.findings()).toEqual(found);
});

describe('a refund', () => {
  const fail = () => [
    `update refunds set status = 'failed', finished_at = now()`,
    `update payments set refund_reserved = 0 where order_id = 'paid'`,
  ];
  it('that failed gives back what it set aside', async () => {
    await books.breakIt(...fail());
    expect(await books.findings()).toEqual({
      refunds_are_booked: `${refund().reference} is failed and has no journal that says what it released`,
      held_is_explained: text('test USD 1000 is held, explained are 0'),
    });
    await post(refundReleaseJournal(refund()));
    expect(await books.findings()).toEqual({});
  });

  it.each(['merchant', 'accepted_money'])('of the kind %s that failed was not made', async (kind) => {
    await post(refundJournal(refund()));
    await books.breakIt(...fail(), `update refunds set kind = '${kind}'`);
    expect((await books.findings()).refunds_are_booked).toBe(
      [
        `${refund().reference} is failed and has no journal that says what it released`,
        `${refund().reference} is failed, and its journal gave back 1000 USD`,
      ].join('\n'),
    );
  });

  it('sets aside its amount', async () => {
    await books.breakIt(`update refunds set amount = 999`);
    expect((await books.findings()).refunds_are_booked).toBe(
      `${refund().reference} set aside 999 USD, its journal 1000`,
    );
  });
});

describe('a dispute', () => {
  let disputeId: string;
  const booked = (): DisputeBooked => ({
    ...{
      ...head(),
      reference: publicId('dispute', disputeId),
      disputeId,
      amount: usd(5_000n),
      from: 'pending',
    },
  });
  beforeEach(async () => {
    disputeId = newId();
    await database.query(
      `insert into disputes (id, payment_id, merchant_id, mode, channel_config_id, channel, attempt_no, provider_ref,
         amount, currency, taken_from, status)
       values ($1, $2, $3, 'test', $4, 'kpay', 1, 'D-1', 5000, 'USD', 'pending', 'needs_response')`,
      [disputeId, books.paymentId, books.merchantId, books.channelConfigId],
    );
    await post(disputeHoldJournal(booked()));
    await standing('disputed');
  });
  const standing = (status: string) =>
    books.breakIt(`update payments set status = '${status}' where order_id = 'paid'`);
  const end = async (status: string) => {
    await database.query(`update disputes set status = $1, finished_at = now(), fee = 0`, [status]);
    if (status === 'won') await standing('succeeded');
  };

  it('withholds while it runs, and its end is booked', async () => {
    expect(await books.findings()).toEqual({});
    await end('won');
    await post(disputeWonJournal(booked()));
    expect(await books.findings()).toEqual({});
  });

  it.each([
    [
      'won',
      'withheld 5000, given back 5000, lost 0, of suspense 0, paid 0; its journals say 5000, 0, 0, 0 and 0',
    ],
    [
      'lost',
      'withheld 5000, given back 0, lost 5000, of suspense 0, paid 5000; its journals say 5000, 0, 0, 0 and 0',
    ],
  ])('that was %s without its journal is found, and what it holds', async (status, said) => {
    await end(status);
    expect(await books.findings()).toEqual({
      disputes_are_booked: `${booked().reference} is ${status}: ${said}`,
      held_is_explained: `${publicId('merchant', books.merchantId)}: test USD 6000 is held, explained are 1000`,
    });
  });

  it('that was lost is paid with its fee, out of suspense as far as it says', async () => {
    await end('lost');
    await post(disputeLostJournal({ ...booked(), channelFee: 1_500n }));
    expect((await books.findings()).disputes_are_booked).toContain(
      'paid 5000; its journals say 5000, 0, 5000, 0 and 6500',
    );
    await database.query('update disputes set fee = 1500, from_suspense = 4000');
    expect((await books.findings()).disputes_are_booked).toContain(
      'of suspense 4000, paid 6500; its journals say 5000, 0, 5000, 0',
    );
    await database.query('update disputes set from_suspense = 0');
    expect(await books.findings()).toEqual({});
    const again = disputeLostJournal({ ...booked(), amount: usd(0n), fee: 900n });
    await post({ ...again, reference: `${again.reference}2` });
    expect(await books.findings()).toEqual({
      journals_have_causes: `${again.reference}2: nothing is known that its dispute_lost would be of`,
    });
  });

  it('that withheld nothing has no journal that did', async () => {
    await database.query('update disputes set taken_from = null');
    await standing('succeeded');
    expect(Object.keys(await books.findings())).toEqual([
      ...['journals_have_causes', 'disputes_are_booked', 'held_is_explained'],
    ]);
  });
});

it.each([
  ['merchant', 'merchant_pending', 'test', (id: string) => publicId('merchant', id), 'exist'],
  [
    'channel',
    'channel_receivable',
    'test',
    (id: string) => publicId('channelConfig', id),
    'exist in that mode',
  ],
  ['agent', 'agent_pending', 'live', (id: string) => id, 'exist'],
])('an account of a %s that is not there is found', async (owner, kind, mode, name, missing) => {
  const id = newId();
  const opened = `account ${await open({ mode, owner, id, kind })}, ${mode} USD ${kind}`;
  expect(await books.findings()).toEqual({
    accounts_have_owners: `${opened}, is of the ${owner} ${name(id)}, which does not ${missing}`,
  });
});

it('an account of a channel in a mode that is not its own is found', async () => {
  const id = books.channelConfigId;
  await open({ mode: 'live', owner: 'channel', id, kind: 'channel_receivable' });
  expect(await books.findings()).toEqual({
    accounts_have_owners: text(
      `the channel ${publicId('channelConfig', id)}, which does not exist in that mode`,
    ),
  });
});

/** As a posting does it; returns the account's id. */
async function open(account: { mode: string; owner: string; id: string; kind: string }): Promise<string> {
  const { rows } = await database.query<{ id: string }>(
    `insert into ledger_accounts (id, mode, owner_kind, owner_id, kind, currency)
     values (ledger_account_id($1, $2, $3, $4, 'USD'), $1, $2, $3, $4, 'USD') returning id`,
    [account.mode, account.owner, account.id, account.kind],
  );
  return rows[0]?.id ?? '';
}

it.each([
  ['suspense', () => platformAccount('test', 'suspense', 'USD')],
  ['suspense of a currency that nothing came in', () => platformAccount('test', 'suspense', 'EUR')],
  ['held', () => merchantAccount('test', books.merchantId, 'held', 'USD')],
])('what two people corrected of %s is explained by that', async (_what, account) => {
  await correct(database, account(), 123n);
  expect(await books.findings()).toEqual({});
  await correct(database, account(), -100n);
  expect(await books.findings()).toEqual({});
});

it('late money that was accepted is booked with its amount, for its merchant', async () => {
  const accepted = (over: object) =>
    suspenseAcceptedJournal({
      ...{
        ...head(),
        paymentId: books.latePaymentId,
        reference: books.lateReference,
        amount: usd(10_050n),
        ...over,
      },
    });
  await database.query(
    `update provider_charges set decision = 'accept', decided_at = now(), resolved_at = now() where provider_ref = 'K-2'`,
  );
  const other = newId();
  await createMerchant(database, { id: other, name: 'Another shop', defaultCurrency: 'USD' });
  await post(accepted({ merchantId: other, fee: 50n }));
  expect(await books.findings()).toEqual({
    counterparties_fit: text(`merchant_pending of merchant ${other}, which it may not move`),
    late_money_fits: `${books.lateReference}: 10050 accepted, its journal took 10050 out of suspense and gave the merchant 0`,
  });
});
