import { randomUUID } from 'node:crypto';
import type { Database } from '../../../db/pool';
import { auditInvariants, nameOfPlace, UnknownPlace } from '../../../db/read-models/invariants';
import { newId } from '../../../db/ids';
import { accountId, accountName, ownerIdOf } from '../../../db/stores/ledger-accounts';
import { createLedger } from '../../../db/stores/ledger-store';
import { sealBlock } from '../../../db/stores/ledger-blocks-store';
import { addAdjustment, decideAdjustment } from '../../../db/stores/ledger-adjustments-store';
import { inTransaction } from '../../../db/transaction';
import { publicId } from '../../../domain/ids';
import { adjustmentJournal } from '../../../domain/ledger/adjustment-journal';
import { merchantAccount } from '../../../domain/ledger/account';
import { refundJournal, type RefundBooked } from '../../../domain/ledger/payment-journals';
import { keyIn } from '../../support/keys';
import { insertPayment } from '../../support/payments';
import { soundBooks, type SoundBooks } from '../../support/sound-books';

let books: SoundBooks;
let database: Database;
let reference: string;
let paymentId: string;
let refundId: string;

beforeEach(async () => {
  books = await soundBooks();
  ({ database, reference, paymentId, refundId } = books);
});
afterEach(() => books.close());

const breakIt = (...statements: string[]) => books.breakIt(...statements);
const findings = () => books.findings();
const audit = () => auditInvariants(database, { msMaxEach: 10_000 });

test('a sound platform: everything is looked at, nothing is found', async () => {
  const checks = await audit();
  expect(checks.filter(({ broken, isComplete }) => broken > 0 || !isComplete)).toEqual([]);
  expect(Object.fromEntries(checks.map(({ name, checked }) => [name, checked]))).toEqual({
    journals_balance: 3,
    balances_are_sums: 5,
    bounds_hold: 1,
    accounts_have_owners: 5,
    account_ids_fit: 5,
    journals_have_causes: 3,
    counterparties_fit: 3,
    paid_is_charged: 2,
    charges_are_booked: 2,
    refunds_fit: 2,
    refunds_are_booked: 4,
    disputes_are_booked: 0,
    fees_follow_plans: 3,
    held_is_explained: 1,
    suspense_is_explained: 4,
    late_money_fits: 2,
    conversions_match: 0,
    clearing_is_explained: 0,
    adjustments_are_approved: 0,
    chain_verifies: 3,
  });
  expect(checks.find(({ name }) => name === 'chain_verifies')?.note).toMatch(/: 1 [0-9a-f]{64}$/);
});

const journal = () => `reference = '${reference}'`;

test('a journal that does not sum to zero', async () => {
  await breakIt(`update ledger_journals set amounts[1] = amounts[1] + 1 where ${journal()}`);
  expect((await findings()).journals_balance).toContain(`${reference} sums to 1 USD`);
});

test('a line of an account that does not exist', async () => {
  await breakIt(`update ledger_journals set account_ids[1] = '${randomUUID()}' where ${journal()}`);
  expect((await findings()).journals_balance).toContain(`${reference} sums to 10050 on an unknown account`);
});

test('a block of which an account says something else than its journals', async () => {
  await breakIt('update ledger_account_blocks set amount = amount * 2 where amount = 20100');
  const found = await findings();
  expect(found.chain_verifies).toMatch(/^account_differs: account [0-9a-f-]{36}, block 1$/);
  expect(found.balances_are_sums).toContain('was rolled up to 20100 of 2 postings, there are 40200 of 2');
});

test('a block that an account does not list', async () => {
  await breakIt('delete from ledger_account_blocks where amount = 20100');
  const found = await findings();
  expect(found.chain_verifies).toContain('account_differs');
  expect(found.balances_are_sums).toContain('was rolled up to 20100 of 2 postings, there are 0 of 0');
});

test('a block that lists a transaction less', async () => {
  await breakIt(`update ledger_account_blocks set txs = (txs || txs)[2:2] where amount = 20100`);
  expect(Object.keys(await findings())).toEqual(['chain_verifies']);
});

test('a balance that is not the sum', async () => {
  await breakIt('update ledger_balances set balance = balance - 5 where balance = 20100');
  const { balances_are_sums: found } = await findings();
  expect(found).toContain('says 20095, its postings 20100');
});

test.each([
  ['another amount', 'set balance = balance + 7', 'its blocks say 20100'],
  [
    'another moment',
    `set sealed_at = sealed_at - interval '1 hour'`,
    'which is not when its block was sealed',
  ],
  ['another block', 'set block_no = 4000', 'which is not when its block was sealed'],
])('a balance kept of the past, with %s', async (_name, change, problem) => {
  const keep = `insert into ledger_balance_history (account_id, balance, through_tx, block_no, sealed_at)
    select account_id, balance, through_tx, block_no, sealed_at from ledger_balances`;
  await breakIt(keep);
  expect(await findings()).toEqual({});
  await breakIt(`update ledger_balance_history ${change} where balance = 20100`);
  expect(await findings()).toEqual({ balances_are_sums: expect.stringContaining(problem) as string });
});

test('a balance that was rolled up to another moment', async () => {
  await breakIt('update ledger_balances set sealed_at = now() where balance = 20100');
  expect(Object.keys(await findings())).toEqual(['balances_are_sums']);
});

test('a block that lists an account it did not move, and its balance with it', async () => {
  const account = merchantAccount('test', books.merchantId, 'available', 'USD');
  const id = accountId(accountName(account));
  await breakIt(
    `insert into ledger_accounts (id, mode, owner_kind, owner_id, kind, currency)
     values ('${id}', 'test', 'merchant', '${ownerIdOf(account)}', 'merchant_available', 'USD')`,
    `insert into ledger_account_blocks select '${id}', tx_until, block_no, -7, 1, recorded_from, recorded_until, txs
     from ledger_account_blocks where amount = 20100`,
    `insert into ledger_balances select '${id}', -7, 1, through_tx, block_no, sealed_at from ledger_balances where balance = 20100`,
  );
  expect(await findings()).toEqual({
    chain_verifies: `account_differs: account ${id}, block 1`,
  });
});

test('a block that nobody sealed, with its balance and without', async () => {
  await breakIt(`insert into ledger_account_blocks
    select account_id, '4000000000', 4000, 7, 1, recorded_from, recorded_until, txs from ledger_account_blocks where amount = 20100`);
  expect((await findings()).balances_are_sums).toContain('there are 20107 of 3');
  await breakIt(
    'update ledger_balances set balance = balance + 7, posting_count = posting_count + 1 where balance = 20100',
  );
  expect(await findings()).toEqual({
    balances_are_sums: expect.stringContaining('to another moment than its last block') as string,
    chain_verifies: expect.stringMatching(/^account_differs: account [0-9a-f-]{36}, block 4000$/) as string,
  });
});

test('a paid payment without a charge, and so without a provider reference', async () => {
  await breakIt(`delete from provider_charges where provider_ref = 'K-1'`);
  expect(await findings()).toEqual({
    journals_have_causes: `${reference}: nothing is known that its success would be of`,
    paid_is_charged: `${publicId('payment', paymentId)} is succeeded without a charge that names its provider reference`,
    refunds_fit: expect.stringContaining('of the charge K-1 of 0 its refunds hold 1000') as string,
  });
});

test('a charge of another amount than was captured', async () => {
  await breakIt(`update provider_charges set amount = 9 where provider_ref = 'K-1'`);
  expect(await findings()).toEqual({
    paid_is_charged: `${publicId('payment', paymentId)} is succeeded with 10050 captured and 9 charged`,
    charges_are_booked: `${reference} was charged 9 USD, its journal says success 10050, and 10050 of it given on`,
    fees_follow_plans: `${reference}: a fee of 50 and a cost of 0 were booked, by the plans they are 9 and 0`,
    refunds_fit: expect.stringContaining('of the charge K-1 of 9 its refunds hold 1000') as string,
  });
});

test('a charge without its journal', async () => {
  await breakIt(`delete from ledger_journals where ${journal()}`);
  const found = await findings();
  expect(found.charges_are_booked).toBe(`${reference} was charged 10050 USD and has no journal`);
  expect(found.chain_verifies).toContain('journal_missing');
});

test('more in refunds than was captured', async () => {
  await breakIt(`update refunds set amount = 10051`);
  expect((await findings()).refunds_fit).toContain(
    `${publicId('payment', paymentId)}: 10050 captured, 1000 reserved and 0 refunded; its refunds hold 10051`,
  );
});

test('a refund that was made and is not booked', async () => {
  await breakIt(
    `update refunds set status = 'succeeded'`,
    `update payments set refunded = 1000, status = 'partially_refunded' where order_id = 'paid'`,
  );
  expect(await findings()).toEqual({
    refunds_are_booked: `${publicId('refund', refundId)} is succeeded and has no journal that says what it gave back`,
    held_is_explained: expect.stringContaining('test USD 1000 is held, explained are 0') as string,
  });
});

test('money in suspense that nobody can explain', async () => {
  await breakIt(`update provider_charges set resolved_at = now() where provider_ref = 'K-2'`);
  expect(await findings()).toEqual({
    suspense_is_explained: expect.stringMatching(
      /^test USD in suspense is 10050, explained are 0\npay_[0-9a-f]{32}: 10050 USD in suspense, 0 of its charges wait$/,
    ) as string,
  });
});

test('money in suspense of another payment than the one whose charge waits', async () => {
  const other = await insertPayment(database, { merchantId: newId(), orderId: 'other', status: 'expired' });
  await breakIt(`update provider_charges set payment_id = '${other}' where provider_ref = 'K-2'`);
  expect((await findings()).suspense_is_explained).toBe(
    `${publicId('payment', other)}: 0 USD in suspense, 10050 of its charges wait`,
  );
});

test.each([
  ['another kind', `set kind = 'capture'`],
  ['another payment', `set payment_id = gen_random_uuid()`],
  ['another mode', `set mode = 'live'`],
])('a charge whose journal is of %s', async (_what, change) => {
  await breakIt(`update ledger_journals ${change} where ${journal()}`);
  expect((await findings()).charges_are_booked).toContain(`${reference} was charged 10050 USD, its journal`);
});

test.each([
  ['channel', 'channel_receivable', 'says success 0, and 10050 of it given on'],
  ['merchant', 'merchant_pending', 'says success 10050, and 0 of it given on'],
])('a charge that was booked for another %s', async (_who, kind, problem) => {
  const [ownerKind] = kind.split('_');
  const id = newId();
  await breakIt(
    `insert into ledger_accounts (id, mode, owner_kind, owner_id, kind, currency)
     values (ledger_account_id('test', '${ownerKind}', '${id}', '${kind}', 'USD'), 'test', '${ownerKind}', '${id}', '${kind}', 'USD')`,
    `update ledger_journals set account_ids = array(
       select case when a.kind = '${kind}' then ledger_account_id('test', '${ownerKind}', '${id}', '${kind}', 'USD') else a.id end
       from unnest(account_ids) with ordinality l (id, no) join ledger_accounts a on a.id = l.id order by no)
     where ${journal()}`,
  );
  expect((await findings()).charges_are_booked).toContain(problem);
});

test('refunds of one charge beyond it, though the payment took enough', async () => {
  await breakIt(
    `update provider_charges set amount = 900 where provider_ref = 'K-1'`,
    `insert into provider_charges (channel_config_id, provider_ref, payment_id, attempt_no, capture_no, amount, currency, disposition)
     select channel_config_id, 'K-9', payment_id, 2, 9, 9150, currency, disposition from provider_charges where provider_ref = 'K-1'`,
  );
  expect((await findings()).refunds_fit).toBe(
    `${publicId('payment', paymentId)}: of the charge K-1 of 900 its refunds hold 1000`,
  );
});

test('a refund that was booked with another amount', async () => {
  const { rows } = await database.query<{ merchant: string; channel: string }>(
    'select merchant_id as merchant, channel_config_id as channel from refunds',
  );
  const [{ merchant: merchantId, channel: channelConfigId } = { merchant: '', channel: '' }] = rows;
  const refund = {
    ...{ reference: publicId('refund', refundId), mode: 'test', effectiveAt: new Date() },
    ...{ paymentId, refundId, merchantId, channelConfigId, from: 'pending' },
    amount: { amount: 990n, currency: 'USD' },
  } satisfies RefundBooked;
  await createLedger().post(database, [refundJournal(refund)]);
  await breakIt(
    `update refunds set status = 'succeeded'`,
    `update payments set refunded = 1000, status = 'partially_refunded' where order_id = 'paid'`,
  );
  expect(await findings()).toEqual({
    refunds_are_booked: `${publicId('refund', refundId)} gave back 1000 USD, its journal 990`,
    held_is_explained: expect.stringContaining('test USD 10 is held, explained are 0') as string,
  });
});

/** A correction of 5.00 in a merchant's favour, asked for and approved by two, with its journal unless it is left out. */
async function correction(over: { amount?: bigint; isBooked?: boolean } = {}) {
  const [id, requester, approver] = [newId(), await keyIn(database), await keyIn(database)];
  const account = merchantAccount('test', books.merchantId, 'available', 'USD');
  await addAdjustment(database, { id, account, amount: 500n, reason: 'too few', requestedBy: requester });
  await inTransaction(database, (transaction) =>
    decideAdjustment(transaction, id, { status: 'approved', by: approver }),
  );
  const made = adjustmentJournal({
    ...{ reference: publicId('adjustment', id), mode: 'test', effectiveAt: new Date(), account },
    ...{ amount: over.amount ?? -500n, reason: 'too few' },
    ...{ requestedBy: publicId('apiKey', requester), approvedBy: publicId('apiKey', approver) },
  });
  if (made.ok && over.isBooked !== false) await createLedger().post(database, [made.journal]);
  return publicId('adjustment', id);
}

test('corrections that two people made, sealed or not', async () => {
  await correction();
  expect(await findings()).toEqual({});
  await sealBlock(database, 1_000);
  await correction();
  const checks = await audit();
  expect(checks.find(({ name }) => name === 'adjustments_are_approved')?.broken).toBe(0);
});

test('a correction the wrong way round, and one that was never booked', async () => {
  const reference = await correction({ amount: 500n }).catch(() => undefined);
  // The ledger lets nobody's own money go below zero.
  expect(reference).toBeUndefined();
  const other = await correction({ amount: -501n });
  const unbooked = await correction({ isBooked: false });
  const { adjustments_are_approved: found } = await findings();
  expect(found).toContain(`${other} moved the adjustments account by 501, which nobody approved`);
  expect(found).toContain(`${unbooked} is approved and not booked`);
});

test('a line on the adjustments account in a journal of another kind', async () => {
  const reference = await correction();
  await breakIt(`update ledger_journals set kind = 'fee' where reference = '${reference}'`);
  expect(await findings()).toEqual({
    adjustments_are_approved: `${reference} moved the adjustments account by 500, which nobody approved`,
    journals_have_causes: `${reference}: nothing is known that its fee would be of`,
    counterparties_fit: expect.stringContaining(
      `${reference}: its fee has a debit of 500 on the test USD adjustments, which it may not move`,
    ) as string,
  });
});

test('no correction is approved as it is written', async () => {
  const written = database.query(
    `insert into ledger_adjustments (id, mode, owner_kind, kind, currency, amount, reason, requested_by, status, decided_by, decided_at)
     values ($1, 'test', 'platform', 'bank', 'USD', 5, 'none', $2, 'approved', $3, now())`,
    [newId(), await keyIn(database), await keyIn(database)],
  );
  await expect(written).rejects.toMatchObject({ code: 'LD001', message: 'malformed' });
});

test('a sealed journal that was changed', async () => {
  await breakIt(`update ledger_journals set workflow_id = 'other' where ${journal()}`);
  expect(await findings()).toEqual({ chain_verifies: `journal_changed: ${reference}, block 1` });
});

test('what no block has taken for minutes is told, and what has just come is not', async () => {
  const booked = await correction();
  expect(await findings()).toEqual({});
  await breakIt(
    `update ledger_journals set recorded_at = now() - interval '6 minutes' where reference = '${booked}'`,
  );
  const { chain_verifies: found } = await findings();
  expect(found).toMatch(new RegExp(`^not_sealed: ${booked} and what came after it wait for a block since`));
});

test('all that is broken is counted, and the first of it named', async () => {
  await breakIt(
    `insert into ledger_journals (reference, kind, mode, account_ids, amounts, effective_at)
     select 'pay_forged-' || n, kind, mode, account_ids, amounts[1] + 1 || amounts[2:], effective_at
     from ledger_journals, generate_series(1, 33) n where ${journal()}`,
  );
  const found = (await audit()).find(({ name }) => name === 'journals_balance');
  expect([found?.broken, found?.offenders.length]).toEqual([33, 20]);
});

/** As the command does it: a slice after the other, none longer than one page. */
async function inSlices(name: string) {
  const slices = [];
  let after: string | undefined;
  do {
    const [slice] = await auditInvariants(database, { msMaxEach: -1, only: { name, after } });
    slices.push(slice);
    after = slice?.next ?? undefined;
  } while (after !== undefined && slices.length < 100);
  const offenders = slices.flatMap((slice) => slice?.offenders ?? []);
  return {
    slices: slices.length,
    checked: slices.reduce((sum, one) => sum + (one?.checked ?? 0), 0),
    offenders,
  };
}

test('what could not be looked at in its time is not called sound, and says where to go on', async () => {
  await breakIt(
    `insert into ledger_journals (reference, kind, mode, account_ids, amounts, effective_at)
     select 'pay_more-' || n, kind, mode, account_ids, amounts, effective_at
     from ledger_journals, generate_series(1, 2500) n where ${journal()}`,
  );
  const checks = await auditInvariants(database, { msMaxEach: -1 });
  const unseen = checks.filter(({ isComplete }) => !isComplete);
  // Where all there is fits into a page no time is needed, unless several parts are to be looked at.
  expect(unseen.map(({ name }) => name)).toEqual([
    ...['journals_balance', 'balances_are_sums', 'journals_have_causes', 'counterparties_fit'],
    ...['refunds_are_booked', 'fees_follow_plans', 'suspense_is_explained', 'adjustments_are_approved'],
    'chain_verifies',
  ]);
  expect(unseen.every(({ next }) => next !== null)).toBe(true);
  expect(await inSlices('journals_balance')).toEqual({ slices: 3, checked: 2_503, offenders: [] });
});

test('an audit in slices sees what one in a single look sees', async () => {
  const whole = await audit();
  for (const { name, checked } of whole) {
    expect({ name, ...(await inSlices(name)) }).toMatchObject({ name, checked, offenders: [] });
  }
  await breakIt(
    `update ledger_journals set workflow_id = 'other' where ${journal()}`,
    'update ledger_balances set balance = balance - 5 where balance = 20100',
  );
  expect((await inSlices('chain_verifies')).offenders).toEqual([`journal_changed: ${reference}, block 1`]);
  expect((await inSlices('balances_are_sums')).offenders).not.toEqual([]);
});

test('a block that is not hashed onto what was verified before is found, wherever the look goes on', async () => {
  const head = (hash: string) => nameOfPlace('chain_verifies', { part: 1, key: `0/0/${hash}` });
  const goOn = async (after: string) => {
    const [found] = await auditInvariants(database, {
      msMaxEach: 10_000,
      only: { name: 'chain_verifies', after },
    });
    return found?.offenders;
  };
  expect(await goOn(head('0'.repeat(64)))).toEqual([]);
  expect(await goOn(head('1'.repeat(64)))).toEqual(['chain_broken: block 1']);
});

test.each([
  'nonsense',
  ...['[9,null]', '[0,"x/y"]', '[0,7]', '[0,null]'].map((text) => Buffer.from(text).toString('base64url')),
  nameOfPlace('journals_balance', { part: 9 }),
  nameOfPlace('chain_verifies', { part: 0 }),
])('a place that no answer gave is refused: %s', async (after) => {
  const asked = auditInvariants(database, { msMaxEach: 1_000, only: { name: 'journals_balance', after } });
  await expect(asked).rejects.toThrow(UnknownPlace);
});
