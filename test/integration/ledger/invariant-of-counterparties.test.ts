import { newId } from '../../../db/ids';
import { createLedger } from '../../../db/stores/ledger-store';
import { publicId } from '../../../domain/ids';
import { merchantAccount, platformAccount, type Account } from '../../../domain/ledger/account';
import { exchangeJournal, exchangeShareJournal } from '../../../domain/ledger/exchange-journal';
import { transfer, type Journal, type JournalKind } from '../../../domain/ledger/journal';
import { feeJournal, refundJournal } from '../../../domain/ledger/payment-journals';
import { soundBooks, type SoundBooks } from '../../support/sound-books';

let books: SoundBooks;
beforeEach(async () => {
  books = await soundBooks();
});
afterEach(() => books.close());

const post = (...journals: Journal[]) => createLedger().post(books.database, journals);
const usd = (amount: bigint) => ({ amount, currency: 'USD' });
const twd = (amount: bigint) => ({ amount, currency: 'TWD' });
const text = (part: string) => expect.stringContaining(part) as string;
const pending = (merchantId: string, currency = 'USD') =>
  merchantAccount('test', merchantId, 'pending', currency);

const head = () => {
  const { paymentId, merchantId, channelConfigId } = books;
  return { mode: 'test', effectiveAt: new Date(), paymentId, merchantId, channelConfigId } as const;
};

/** A journal as somebody writes it who asks none of the functions. */
function forged(kind: JournalKind, reference: string, postings: Journal['postings'], links = {}): Journal {
  const { paymentId } = books;
  return { reference, kind, mode: 'test', effectiveAt: new Date(), links: { paymentId, ...links }, postings };
}

const refundName = () => publicId('refund', books.refundId);
async function finishRefund() {
  await post(
    refundJournal({
      ...head(),
      ...{ reference: refundName(), refundId: books.refundId, amount: usd(1_000n), from: 'pending' },
    }),
  );
  await books.breakIt(
    `update refunds set status = 'succeeded'`,
    `update payments set refunded = 1000, status = 'partially_refunded' where order_id = 'paid'`,
  );
}

/** The payment's 100.00, less the fee, are exchanged at 31.185, of a market rate of 31.5. */
async function exchanged() {
  await books.breakIt(
    `insert into exchange_quotes (id, merchant_id, mode, source_amount, source_currency, target_amount, target_currency,
       rate_id, is_inverse, market_n, market_d, merchant_n, merchant_d, expires_at, payment_id, locked_at)
     values ('${newId()}', '${books.merchantId}', 'test', 10050, 'USD', 3134, 'TWD', '${newId()}', false,
       63, 200, 6237, 20000, now() + interval '1 minute', '${books.paymentId}', now())`,
  );
  await post(
    exchangeJournal({
      ...{ ...head(), reference: books.reference, balance: 'pending' },
      ...{ source: usd(10_000n), target: twd(3_118n), worth: twd(3_150n) },
    }),
  );
}

const share = (target: bigint, how: { step: string; sign: 1n | -1n; worth?: bigint; source?: bigint }) => {
  const { step, sign, source = 1_000n, worth = 315n } = how;
  return exchangeShareJournal(
    { ...head(), reference: refundName(), refundId: books.refundId, amount: usd(1_000n) },
    { settleCurrency: 'TWD' },
    { source, target, worth },
    { step, balance: 'pending', sign },
  );
};

describe('one merchant’s money moved to another', () => {
  it('by an exchange of a payment without a quote', async () => {
    const other = pending(newId());
    const reference = `${books.reference}:fx`;
    await post(forged('exchange', reference, transfer(pending(books.merchantId), other, 100_000_000n)));
    expect(await books.findings()).toMatchObject({
      journals_have_causes: `${reference}: nothing is known that its exchange would be of`,
      counterparties_fit: text(
        `${reference}: its exchange has a credit of 100000000 on the test USD merchant`,
      ),
    });
  });

  it('by an exchange beside clearing, of a payment with a quote', async () => {
    await exchanged();
    await books.breakIt(
      `update ledger_journals set account_ids = account_ids || account_ids[1] || ledger_account_id('test', 'platform',
         '00000000-0000-0000-0000-000000000000', 'suspense', 'USD'), amounts = amounts || 5::numeric || -5::numeric
       where kind = 'exchange'`,
    );
    expect((await books.findings()).counterparties_fit).toBe(
      `${books.reference}:fx: its exchange has a credit of 5 on the test USD suspense, which it may not move`,
    );
  });

  it('by a fee of a refund that has none', async () => {
    await finishRefund();
    expect(await books.findings()).toEqual({});
    const reference = `${refundName()}:fee`;
    await post(forged('fee', reference, transfer(pending(books.merchantId), pending(newId()), 700_000n)));
    expect((await books.findings()).counterparties_fit).toContain(
      `${reference}: its fee has a credit of 700000 on the test USD merchant_pending of merchant`,
    );
  });

  it('by a fee in a currency that the refund is not in', async () => {
    await finishRefund();
    const fee = { ...head(), reference: `${refundName()}:fee`, fee: twd(5n), from: 'pending' } as const;
    await post(feeJournal(fee));
    expect((await books.findings()).counterparties_fit).toContain(
      `${fee.reference}: its fee has a debit of 5 on the test TWD merchant_pending`,
    );
  });

  it('by what a refund sets aside', async () => {
    const other = newId();
    await books.breakIt(`delete from ledger_journals where kind = 'refund_hold'`);
    const held = merchantAccount('test', books.merchantId, 'held', 'USD');
    const hold = forged('refund_hold', `${refundName()}:hold`, transfer(pending(other), held, 1_000n), {
      refundId: books.refundId,
    });
    await post(hold);
    expect((await books.findings()).counterparties_fit).toBe(
      `${hold.reference}: its refund_hold has a debit of 1000 on the test USD merchant_pending of merchant ${other}, which it may not move`,
    );
  });
});

describe.each<[string, () => Account, () => Account]>([
  ['bank', () => pending(books.merchantId), () => platformAccount('test', 'bank', 'USD')],
  ['another channel', () => pending(books.merchantId), () => receivableOf(newId())],
  ['another merchant', () => pending(books.merchantId), () => pending(newId())],
  ['its channel', () => pending(books.merchantId), () => receivableOf(books.channelConfigId)],
])('more lines in a charge, to %s', (_whom, from, to) => {
  it('are found', async () => {
    const reference = `${books.lateReference}:accepted`;
    await books.breakIt(
      `update provider_charges set decision = 'accept', decided_at = now(), resolved_at = now() where provider_ref = 'K-2'`,
    );
    await post({
      ...forged('suspense_accepted', reference, [
        ...transfer(platformAccount('test', 'suspense', 'USD'), pending(books.merchantId), 10_050n),
        ...transfer(pending(books.merchantId), platformAccount('test', 'fee_income', 'USD'), 50n),
        ...transfer(from(), to(), 900n),
      ]),
      links: { paymentId: books.latePaymentId },
    });
    expect((await books.findings()).counterparties_fit).toContain(`${reference}: its suspense_accepted`);
  });
});

function receivableOf(id: string): Account {
  return { mode: 'test', owner: { kind: 'channel', id }, kind: 'channel_receivable', currency: 'USD' };
}

describe('an exchange', () => {
  beforeEach(exchanged);
  const say = (part: object) =>
    books.breakIt(`update refunds set fee_set_aside = 0, exchange = '${JSON.stringify(part)}'`);

  it('at its quote is sound, and what a refund undid of it', async () => {
    await say({ source: '1000', target: '311', worth: '315' });
    await post(share(311n, { step: 'hold', sign: -1n }));
    await finishRefund();
    const fee = feeJournal({ ...head(), reference: `${refundName()}:fee`, fee: usd(50n), from: 'pending' });
    await post(fee, share(16n, { step: 'fee', sign: -1n, source: 50n, worth: 16n }));
    const found = await books.findings();
    for (const name of [
      'journals_have_causes',
      'counterparties_fit',
      'conversions_match',
      'clearing_is_explained',
    ]) {
      expect({ name, found: found[name] }).toEqual({ name, found: undefined });
    }
  });

  it('is of a step that exchanges', async () => {
    const { reference, ...rest } = share(1_000_000n, { step: 'x', sign: 1n, source: 1n, worth: 1_000_000n });
    const forgery = { ...rest, reference: reference.replace(':x:', ':') };
    await finishRefund();
    await post(forgery);
    expect(await books.findings()).toEqual({
      journals_have_causes: `${refundName()}:fx: nothing is known that its exchange would be of`,
    });
  });

  it('for a fee is of that fee, at the market’s rate', async () => {
    await finishRefund();
    await post(share(1_000_000n, { step: 'fee', sign: 1n, source: 1n, worth: 1_000_000n }));
    expect(await books.findings()).toEqual({
      journals_have_causes: `${refundName()}:fee:fx: nothing is known that its exchange would be of`,
      conversions_match: `${refundName()}:fee:fx exchanged -1 USD for -1000000 TWD worth -1000000; it should be 0 for 0 worth 0`,
    });
  });

  const turned = () =>
    transfer(
      pending(books.merchantId, 'TWD'),
      merchantAccount('test', books.merchantId, 'available', 'TWD'),
      2_000n,
    );

  it.each([
    ['merchant_id', 'gen_random_uuid()'],
    ['mode', `'live'`],
    ['source_amount', 'source_amount + 1'],
    ['payment_id', 'gen_random_uuid()'],
  ])('is at a quote that its payment has, and not with another %s', async (column, value) => {
    expect((await books.findings()).conversions_match).toBeUndefined();
    await books.breakIt(`update exchange_quotes set ${column} = ${value}`);
    expect((await books.findings()).conversions_match).toMatch(/^qte_[0-9a-f]{32} is of .* locked to pay_/m);
  });

  it('turns no pending into available, where there was no fee', async () => {
    await finishRefund();
    const reference = `${refundName()}:fee:fx`;
    await post(forged('exchange', reference, turned(), { refundId: books.refundId }));
    expect(await books.findings()).toEqual({
      journals_have_causes: `${reference}: nothing is known that its exchange would be of`,
      conversions_match: text(`${reference} moves 2000 of the merchant besides what it exchanges`),
    });
  });

  it('turns no pending into available, beside what it exchanges', async () => {
    await say({ source: '1000', target: '311', worth: '315' });
    const hold = share(311n, { step: 'hold', sign: -1n });
    await post({ ...hold, postings: [...hold.postings, ...turned()] });
    expect(await books.findings()).toEqual({
      conversions_match: text(`${hold.reference} moves 2000 of the merchant besides what it exchanges`),
    });
  });

  it('is on the balance that the refund takes from', async () => {
    await say({ source: '1000', target: '311', worth: '315' });
    await post(share(311n, { step: 'hold', sign: -1n }));
    expect((await books.findings()).conversions_match).toBeUndefined();
    await books.breakIt(`update refunds set taken_from = 'available'`);
    expect((await books.findings()).conversions_match).toContain(
      `${refundName()}:hold:fx exchanged 0 USD for 0 TWD worth 315`,
    );
  });

  it.each([
    ['for less than it was', { source: '1000', target: '100', worth: '315' }, 'for 100 TWD worth 315'],
    ['for less than it was worth', { source: '1000', target: '311', worth: '100' }, 'for 311 TWD worth 100'],
  ])('is not undone %s, though the refund says so', async (_how, part, said) => {
    await say(part);
    const { target, worth } = part;
    await post(share(BigInt(target), { step: 'hold', sign: -1n, worth: BigInt(worth) }));
    expect(await books.findings()).toEqual({
      conversions_match: `${refundName()}:hold:fx says 1000 USD ${said}, which is not the rate of its quote`,
    });
  });

  it('is undone of what the refund takes from the merchant', async () => {
    await say({ source: '9000', target: '2806', worth: '2835' });
    await post(share(2_806n, { step: 'hold', sign: -1n, source: 9_000n, worth: 2_835n }));
    expect((await books.findings()).conversions_match).toContain(
      `${refundName()}:hold:fx exchanged 9000 USD for 2806 TWD worth 2835; it should be 1000 for 2806`,
    );
  });
});
