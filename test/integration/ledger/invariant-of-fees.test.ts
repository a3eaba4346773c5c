import { auditInvariants } from '../../../db/read-models/invariants';
import type { Database } from '../../../db/pool';
import { newId } from '../../../db/ids';
import { createFeePlan } from '../../../db/stores/fee-plans-store';
import { createLedger } from '../../../db/stores/ledger-store';
import type { FeeScope, FeeTier, Payer, TransactionType } from '../../../domain/fees/terms';
import { publicId } from '../../../domain/ids';
import { disputeLostElsewhereJournal, disputeLostJournal } from '../../../domain/ledger/dispute-journals';
import type { Journal } from '../../../domain/ledger/journal';
import { feeJournal, refundJournal } from '../../../domain/ledger/payment-journals';
import { suspenseAcceptedJournal, suspenseRefundedJournal } from '../../../domain/ledger/suspense-journals';
import { soundBooks, type SoundBooks } from '../../support/sound-books';

let books: SoundBooks;
let database: Database;
beforeEach(async () => {
  books = await soundBooks();
  ({ database } = books);
});
afterEach(() => books.close());

/** What this check alone finds: these tests leave other promises unkept. */
async function found(): Promise<string[]> {
  const checks = await auditInvariants(database, {
    msMaxEach: 10_000,
    only: { name: 'fees_follow_plans' },
  });
  return checks.flatMap(({ offenders }) => offenders);
}

const post = (...journals: Journal[]) => createLedger().post(database, journals);
const usd = (amount: bigint) => ({ amount, currency: 'USD' });
const head = () => {
  const { paymentId, merchantId, channelConfigId } = books;
  return { mode: 'test', effectiveAt: new Date(), paymentId, merchantId, channelConfigId } as const;
};
const differs = (reference: string, booked: string, due: string) => [
  `${reference}: a fee of ${booked.replace('/', ' and a cost of ')} were booked, by the plans they are ${due.replace('/', ' and ')}`,
];

/** Pins one more part to the payment, by a plan that is there unless it is left out. */
async function pin(
  part: string,
  [payer, transactionType]: [Payer, TransactionType],
  { percent, fixed }: Pick<FeeTier, 'percent' | 'fixed'>,
): Promise<void> {
  const plan = await createFeePlan(database, {
    ...{ id: newId(), name: part, effectiveFrom: new Date(), createdBy: 'a test' },
    scope: { payer, transactionType, currency: 'USD' },
    terms: {
      tiers: [
        { fromVolume: '0', percent: '9', fixed: '9' },
        { fromVolume: '100', percent, fixed },
      ],
      refundable: 'none',
    },
  });
  const terms = { planId: plan?.id, version: 1, percent, fixed, refundable: 'none' };
  await books.breakIt(
    `update payments set decision = jsonb_set(decision, '{fees,${books.channelConfigId},${part}}', '${JSON.stringify(terms)}')`,
  );
}

test('a charge whose fee is another than the plan says is named, and so is a cost that was left out', async () => {
  expect(await found()).toEqual([]);
  await pin('paymentCost', ['platform', 'payment'], { percent: '2', fixed: '0' });
  expect(await found()).toEqual(differs(books.reference, '50/0', '50/201'));
});

test('a fee that was booked without a plan is named', async () => {
  await books.breakIt(`update payments set decision = decision - 'fees'`);
  expect(await found()).toEqual(differs(books.reference, '50/0', '0/0'));
});

test('what was pinned with the attempt is what its charge is held against', async () => {
  const { rows } = await database.query<{ terms: object }>(
    `select decision -> 'fees' -> $1 -> 'payment' as terms from payments where id = $2`,
    [books.channelConfigId, books.paymentId],
  );
  await books.breakIt(
    `update payment_attempts set fees = '${JSON.stringify({ payment: rows[0]?.terms })}'`,
    `update payments set decision = decision - 'fees'`,
  );
  expect(await found()).toEqual([]);
  await books.breakIt(`update payment_attempts set fees = '{}'`);
  expect(await found()).toEqual(differs(books.reference, '50/0', '0/0'));
});

describe('a plan that held when the payment began, and was not pinned', () => {
  const begun = (minutes: number) =>
    books.breakIt(`update payments set created_at = now() + interval '${minutes} minutes'`);
  const missed = (planId: string) => [
    `${books.reference}: the plan ${planId} held when the payment began, and was not pinned for this channel and method`,
  ];

  async function addPlan(over: Partial<FeeScope> = {}): Promise<string> {
    const scope = { payer: 'platform', transactionType: 'payment', currency: 'USD', ...over } as const;
    const plan = await createFeePlan(database, {
      ...{ id: newId(), name: 'one more', effectiveFrom: new Date(), createdBy: 'a test', scope },
      terms: { tiers: [{ fromVolume: '0', percent: '1', fixed: '0' }], refundable: 'none' },
    });
    return plan?.id ?? '';
  }

  /** Like the one that the books are of. */
  async function another(table: 'merchants' | 'channel_configs'): Promise<string> {
    const id = newId();
    await books.breakIt(
      `insert into ${table} select (jsonb_populate_record(t, '{"id": "${id}"}')).* from ${table} t`,
    );
    return id;
  }

  test('is named, unless it began about when the payment did, or was disabled', async () => {
    const planId = await addPlan();
    expect(await found()).toEqual([]);
    await begun(2);
    expect(await found()).toEqual(missed(planId));
    await database.query(
      `insert into fee_plan_versions (plan_id, version, terms, is_enabled, effective_from, created_by)
       select plan_id, 2, terms, false, now() + interval '2 minutes', 'a test' from fee_plan_versions where plan_id = $1`,
      [planId],
    );
    expect(await found()).toEqual([]);
    await begun(4);
    expect(await found()).toEqual([]);
  });

  test('is named where nothing at all was pinned', async () => {
    const { rows } = await database.query<{ id: string }>('select id from fee_plans');
    await begun(2);
    await books.breakIt(`update payments set decision = decision - 'fees'`);
    expect(await found()).toEqual(missed(rows[0]?.id ?? ''));
  });

  test('is named where another method was pinned than the one of the attempt', async () => {
    const planId = await addPlan({ payer: 'merchant', method: 'card' });
    await begun(2);
    expect(await found()).toEqual([]);
    await database.query(`update payment_attempts set method = 'card'`);
    expect(await found()).toEqual(missed(planId));
  });

  test('is not named where it is for another merchant, channel or currency', async () => {
    await addPlan({ channelConfigId: await another('channel_configs') });
    await addPlan({ merchantId: await another('merchants') });
    await addPlan({ currency: 'TWD' });
    await begun(2);
    expect(await found()).toEqual([]);
  });
});

test.each([
  ['fixed', '"51"'],
  ['maximum', '"10"'],
  ['version', '2'],
  ['planId', '"nobody"'],
])('terms that are of no tier of their plan are named: another %s', async (field, value) => {
  await books.breakIt(
    `update payments set decision = jsonb_set(decision, '{fees,${books.channelConfigId},payment,${field}}', '${value}')`,
  );
  expect(await found()).toEqual([
    expect.stringMatching(/^pay_.*-1: what was pinned of the plan .* is no tier/),
  ]);
});

test('accepted late money pays the fee of any charge, and nothing in another currency than the plans', async () => {
  const accepted = { ...head(), paymentId: books.latePaymentId, reference: books.lateReference };
  await database.query(
    `update provider_charges set decision = 'accept', decided_at = now(), resolved_at = now() where provider_ref = 'K-2'`,
  );
  await post(suspenseAcceptedJournal({ ...accepted, amount: usd(10_050n), fee: 49n }));
  const name = `${books.lateReference}:accepted`;
  expect(await found()).toEqual(differs(name, '49/0', '50/0'));
  await books.breakIt(`update provider_charges set currency = 'TWD' where provider_ref = 'K-2'`);
  expect(await found()).toEqual(differs(name, '49/0', '0/0'));
});

test('a refund pays its own fee in its own journal, and the channel in that of the refund', async () => {
  await database.query(`update refunds set status = 'succeeded', finished_at = now()`);
  const reference = publicId('refund', books.refundId);
  const refund = {
    ...head(),
    reference,
    refundId: books.refundId,
    from: 'pending',
    amount: usd(1_000n),
  } as const;
  await post(refundJournal({ ...refund, channelCost: 30n }));
  expect(await found()).toEqual(differs(reference, '0/30', '0/0'));
  await pin('refundCost', ['platform', 'refund'], { percent: '3', fixed: '0' });
  expect(await found()).toEqual([]);
  await pin('refund', ['merchant', 'refund'], { percent: '0', fixed: '25' });
  expect(await found()).toEqual(differs(reference, '0/30', '25/30'));
  await post(feeJournal({ ...head(), reference: `${reference}:fee`, fee: usd(25n), from: 'pending' }));
  expect(await found()).toEqual([]);
});

test('late money that is given back pays no fee, and the channel nothing', async () => {
  await pin('refund', ['merchant', 'refund'], { percent: '0', fixed: '25' });
  await books.breakIt(
    `update provider_charges set decision = 'refund', decided_at = now(), resolved_at = now() where provider_ref = 'K-2'`,
    `delete from ledger_journals where kind = 'refund_hold'`,
    `update payments set refund_reserved = 0`,
    `update refunds set kind = 'late_money', payment_id = '${books.latePaymentId}', amount = 10050, charge_ref = 'K-2', status = 'succeeded'`,
  );
  const of = { ...head(), paymentId: books.latePaymentId };
  const refund = { ...of, refundId: books.refundId, reference: books.lateReference, amount: usd(10_050n) };
  await post(suspenseRefundedJournal(refund));
  expect(await found()).toEqual([]);
  const reference = `${publicId('refund', books.refundId)}:fee`;
  await post(feeJournal({ ...of, reference, fee: usd(5_000n), from: 'pending' }));
  const name = `${books.lateReference}:returned`;
  expect(await books.findings()).toMatchObject({
    journals_have_causes: `${reference}: nothing is known that its fee would be of`,
    fees_follow_plans: differs(name, '5000/0', '0/0').join(),
  });
  await books.breakIt(`delete from ledger_journals where reference in ('${reference}', '${name}')`);
  await post(suspenseRefundedJournal({ ...refund, channelCost: 30n }));
  expect(await found()).toEqual(differs(name, '0/30', '0/0'));
});

test('a lost dispute pays its fee where the money was the merchant’s', async () => {
  await pin('dispute', ['merchant', 'dispute'], { percent: '0', fixed: '700' });
  const [disputeId, otherId] = [newId(), newId()];
  await database.query(
    `insert into disputes (id, payment_id, merchant_id, mode, channel_config_id, channel, attempt_no, provider_ref,
       amount, currency, taken_from, status, finished_at, fee)
     select id, $1, $2, 'test', $3, 'kpay', 1, id::text, 500, 'USD', taken_from, 'lost', now(), 0
     from unnest($4::uuid[], '{pending,NULL}'::text[]) d (id, taken_from)`,
    [books.paymentId, books.merchantId, books.channelConfigId, [disputeId, otherId]],
  );
  const lost = (id: string) => ({
    ...head(),
    reference: publicId('dispute', id),
    disputeId: id,
    amount: usd(500n),
  });
  await post(
    disputeLostJournal({ ...lost(disputeId), from: 'pending', fee: 15n, channelFee: 5n }),
    disputeLostElsewhereJournal(lost(otherId), 0n),
  );
  expect(await found()).toEqual(differs(`${publicId('dispute', disputeId)}:lost`, '15/0', '700/0'));
});
