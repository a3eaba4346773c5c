import type { FeePlan } from '../../../domain/fees/terms';
import { startPaymentStage, type PaymentStage, type StagedPayment } from '../../support/payment-stage';
import { numberOf, scriptedChannel } from '../../support/scripted-channel';

const first = scriptedChannel();
const second = scriptedChannel();
const { onStart } = first;
let stage: PaymentStage;
beforeAll(async () => {
  stage = await startPaymentStage(first, {}, second);
  stage.feePlans = [plan('1'), plan('2', 'card')];
});
afterAll(() => stage?.stop());
afterEach(() => {
  first.onStart = onStart;
});

function plan(percent: string, method?: string): FeePlan {
  const scope = { payer: 'merchant', transactionType: 'payment', currency: 'USD', method } as const;
  const tiers = [{ fromVolume: '0', percent, fixed: '0' }];
  return { planId: `${percent} %`, version: 1, scope, terms: { tiers, refundable: 'none' } };
}

const chargeOf = (payment: StagedPayment, attemptNo: number) => ({
  providerRef: numberOf(payment.reference(attemptNo)),
  amountMinor: '10000',
  currency: 'USD',
});

/** The fee of each journal, by its reference. */
async function fees({ request }: StagedPayment): Promise<string[]> {
  const { rows } = await stage.database.query<{ line: string }>(
    `select j.reference || ' ' || -l.amount as line
     from ledger_journals j, unnest(j.account_ids, j.amounts) l (account_id, amount)
     join ledger_accounts a on a.id = l.account_id and a.kind = 'fee_income'
     where j.payment_id = $1 order by 1`,
    [request.paymentId],
  );
  return rows.map(({ line }) => line);
}

test('an attempt that goes on to the next channel, by another method, pays what that method costs there', async () => {
  const payment = await stage.start({ method: 'wallet' });
  first.onStart = () => ({ kind: 'unavailable', error: { code: 'away', message: 'It is away.' } });
  second.onStart = () => ({ kind: 'succeeded', charge: chargeOf(payment, 3) });
  await payment.ask({ kind: 'attempt', method: 'card' });
  expect(await payment.attempts()).toEqual(['cancelled', 'unavailable', 'succeeded']);
  expect(await fees(payment)).toEqual([`${payment.reference(3)} 200`]);
});

test('one that goes on to the next channel as it was planned pays what was pinned with the payment', async () => {
  first.onStart = () => ({ kind: 'unavailable', error: { code: 'away', message: 'It is away.' } });
  second.onStart = ({ reference }) => ({
    kind: 'succeeded',
    charge: { providerRef: numberOf(reference), amountMinor: '10000', currency: 'USD' },
  });
  const payment = await stage.start({ method: 'wallet', until: 'succeeded' });
  expect(await fees(payment)).toEqual([`${payment.reference(2)} 100`]);
  const { rows } = await stage.database.query(
    'select from payment_attempts where payment_id = $1 and fees is not null',
    [payment.request.paymentId],
  );
  expect(rows).toEqual([]);
});

test('an older attempt that is paid after all costs what was agreed for it', async () => {
  const payment = await stage.start({ method: 'wallet' });
  await payment.ask({ kind: 'attempt', method: 'card' });
  await payment.ask({ kind: 'attempt' });
  await payment.tell(2, { kind: 'succeeded', charge: chargeOf(payment, 2) });
  await payment.waitFor('succeeded');
  expect(await fees(payment)).toEqual([`${payment.reference(2)} 200`]);
});

test('every capture of an attempt costs what was agreed for it', async () => {
  const payment = await stage.start({ method: 'wallet', capture: 'manual' });
  await payment.ask({ kind: 'attempt', method: 'card' });
  const charge = chargeOf(payment, 2);
  first.charges.set(payment.reference(2), { kind: 'authorized', charge });
  await payment.tell(2, { kind: 'authorized', charge });
  await payment.waitFor('authorized');
  await payment.ask({ kind: 'capture', amountMinor: '4000', isFinal: false });
  await payment.ask({ kind: 'capture', amountMinor: '6000', isFinal: false });
  const reference = payment.reference(2);
  expect(await fees(payment)).toEqual([`${reference}.c1 80`, `${reference}.c2 120`]);
});

test('what was pinned with an attempt stays', async () => {
  const payment = await stage.start({ method: 'wallet' });
  await payment.ask({ kind: 'attempt', method: 'card' });
  const cheaper = stage.database.query(`update payment_attempts set fees = '{}' where payment_id = $1`, [
    payment.request.paymentId,
  ]);
  await expect(cheaper).rejects.toMatchObject({ code: 'FE001' });
});
