import { disputesOn, type DisputeBody, type SandboxDispute } from '../support/disputes';
import { lateMoneyOn } from '../support/late-money';
import { startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { refundsOn } from '../support/refunds';
import { until } from '../support/until';

let platform: Platform;
let disputes: ReturnType<typeof disputesOn>;
let lateMoney: ReturnType<typeof lateMoneyOn>;
beforeAll(async () => {
  platform = await startPlatform({ config: { lateMoney: 'ask' } });
  disputes = disputesOn(platform);
  lateMoney = lateMoneyOn(platform);
});
afterAll(() => platform?.close());
afterEach(() => platform.sandbox.clearFaults());

/** The callback, and what it says of the payment, the dispute and the money. */
async function told(payment: PaymentBody, type: string): Promise<(string | undefined)[]> {
  const { data } = await platform.callbacks.waitFor(payment.orderId, type);
  const { status, funds } = (data as unknown as { dispute: DisputeBody }).dispute;
  return [data.payment.status, status, funds];
}

async function opened(
  payment: PaymentBody,
  how?: Record<string, unknown>,
): Promise<{ id: string; atBank: SandboxDispute }> {
  const atBank = await disputes.open(payment, how);
  return { id: (await disputes.of(payment)).id, atBank };
}

interface Told {
  why: string;
  next: { what: string; by: string | null }[];
}

async function timeline({ id }: PaymentBody): Promise<Told> {
  const { apiKey: key } = platform.merchant;
  return (await platform.call('GET', `/api/v1/payments/${id}/timeline`, { key })).body as Told;
}

const hold = ['dispute_hold: merchant_pending 10050', 'dispute_hold: merchant_held -10050'];
const lost = ['dispute_lost: merchant_held 10050', 'dispute_lost: channel_receivable -10050'];
const lostFrom = (account: string) => [`dispute_lost: ${account} 10050`, lost[1]];

it('late money that was accepted is withheld, and lost by the merchant; the payment stays what it is', async () => {
  const payment = await lateMoney.paidLate();
  await lateMoney.decided(payment, 'accept');
  const before = await disputes.balances();
  const { id, atBank } = await opened(payment);
  expect(await told(payment, 'dispute.opened')).toEqual(['cancelled', 'needs_response', 'withheld']);
  const withheld = { ...before, pending: before.pending - 10_050n, held: before.held + 10_050n };
  expect(await disputes.balances()).toEqual(withheld);
  expect(await disputes.linesOf(id)).toEqual(hold);
  const { evidenceDueAt } = await disputes.read(id);
  const evidence = `Dispute ${id}: The merchant sends evidence (POST /disputes/${id}/evidence).`;
  const running = await timeline(payment);
  expect(running.next).toContainEqual({ what: evidence, by: evidenceDueAt });
  expect(running.why).toMatch(
    /nothing had been charged by then\. 100\.50 USD came all the same: it was booked for the merchant, and the customer disputes it/,
  );

  await disputes.decide(atBank, 'lose');
  expect(await told(payment, 'dispute.lost')).toEqual(['cancelled', 'lost', 'taken']);
  const over = await timeline(payment);
  expect(over.next).toEqual([]);
  expect(over.why).toMatch(/booked for the merchant, and the bank has given disputed money back/);
  expect(await disputes.balances()).toEqual({ ...before, pending: before.pending - 10_050n });
  expect(await disputes.linesOf(id)).toEqual([...hold, ...lost]);
  expect(await disputes.read(id)).toMatchObject({ status: 'lost', funds: 'taken' });
});

it('won, it is back where it was taken from', async () => {
  const payment = await lateMoney.paidLate();
  await lateMoney.decided(payment, 'accept');
  const before = await disputes.balances();
  const { id, atBank } = await opened(payment);
  await disputes.decide(atBank, 'win');
  expect(await told(payment, 'dispute.won')).toEqual(['cancelled', 'won', 'returned']);
  expect(await disputes.balances()).toEqual(before);
  expect(await disputes.linesOf(id)).toEqual([
    ...hold,
    'dispute_won: merchant_held 10050',
    'dispute_won: merchant_pending -10050',
  ]);
});

it('a second success that was accepted is lost apart from the payment, whose own money can be refunded', async () => {
  const payment = await lateMoney.paidTwice();
  await lateMoney.decided(payment, 'accept');
  const before = await disputes.balances();
  const { id, atBank } = await opened(payment);
  expect(await told(payment, 'dispute.opened')).toEqual(['succeeded', 'needs_response', 'withheld']);
  expect((await timeline(payment)).next[0]?.what).toMatch(`Dispute ${id}: The merchant sends evidence`);
  const refund = await refundsOn(platform).ask({ paymentId: payment.id, amount: '40.00' });
  expect([refund.status, refund.body]).toMatchObject([201, { status: 'succeeded' }]);
  await disputes.decide(atBank, 'lose');
  expect(await told(payment, 'dispute.lost')).toEqual(['partially_refunded', 'lost', 'taken']);
  expect(await disputes.linesOf(id)).toEqual([...hold, ...lost]);
  expect(await disputes.balances()).toEqual({ ...before, pending: before.pending - 14_050n });
});

it('and its dispute does not keep the payment disputed when that of its own money is won', async () => {
  const payment = await lateMoney.paidTwice();
  await lateMoney.decided(payment, 'accept');
  await opened(payment);
  await platform.callbacks.waitFor(payment.orderId, 'dispute.opened');
  const own = await disputes.open(payment, { reference: `${payment.id}-2` });
  await platform.waitForStatus(payment.id, 'disputed');
  await disputes.decide(own, 'win');
  await platform.waitForStatus(payment.id, 'succeeded');
});

it('opened before the decision it withholds nothing, and all that is disputed from the moment of acceptance', async () => {
  const payment = await lateMoney.paidLate();
  await lateMoney.inSuspense(payment, 'open');
  const before = await disputes.balances();
  const { id, atBank } = await opened(payment);
  expect(await told(payment, 'dispute.opened')).toEqual(['cancelled', 'needs_response', 'untouched']);
  await lateMoney.decided(payment, 'accept');
  expect(await told(payment, 'dispute.withheld')).toEqual(['cancelled', 'needs_response', 'withheld']);
  expect(await disputes.balances()).toEqual({ ...before, held: before.held + 10_050n });
  expect(await disputes.linesOf(id)).toEqual(hold);
  expect(await disputes.read(id)).toMatchObject({ status: 'needs_response', funds: 'withheld' });
  await disputes.decide(atBank, 'lose');
  expect(await told(payment, 'dispute.lost')).toEqual(['cancelled', 'lost', 'taken']);
  expect(await disputes.linesOf(id)).toEqual([...hold, ...lost]);
  expect(await disputes.balances()).toEqual(before);
});

it('and if it is won that goes to the merchant', async () => {
  const payment = await lateMoney.paidLate();
  await lateMoney.inSuspense(payment, 'open');
  const before = await disputes.balances();
  const { atBank } = await opened(payment, { amount: 4_000 });
  const suspenseId = await lateMoney.decided(payment, 'accept');
  expect(await disputes.balances()).toEqual({
    ...before,
    pending: before.pending + 6_050n,
    held: before.held + 4_000n,
  });
  const ask = () => refundsOn(platform).ask({ paymentId: payment.id, suspenseId, amount: '100.50' });
  expect((await ask()).body).toMatchObject({ error: { code: 'payment_disputed' } });
  await disputes.decide(atBank, 'win');
  expect(await told(payment, 'dispute.won')).toEqual(['cancelled', 'won', 'returned']);
  expect(await disputes.balances()).toEqual({ ...before, pending: before.pending + 10_050n });
  expect((await ask()).status).toBe(201);
});

it('two of them withhold no more than it is; for what does not fit the platform pays', async () => {
  const payment = await lateMoney.paidLate();
  await lateMoney.inSuspense(payment, 'open');
  const before = await disputes.balances();
  const [first, second] = [`kd_1_${payment.id}`, `kd_2_${payment.id}`];
  for (const dispute_id of [first, second]) await disputes.tell(payment, { dispute_id, amount: 7_000 });
  const both = await until('both run', async () => {
    const { rows } = await platform.database.query<{ id: string }>(
      `select 'dsp_' || id as id from disputes where payment_id = $1 order by id`,
      [payment.id.slice(4)],
    );
    return rows.length === 2 && rows.map(({ id }) => id);
  });
  await lateMoney.decided(payment, 'accept');
  const held = { ...before, pending: before.pending + 3_050n, held: before.held + 7_000n };
  expect(await disputes.balances()).toEqual(held);
  for (const dispute_id of [second, first]) {
    await disputes.tell(payment, { dispute_id, amount: 7_000, status: 'lost' });
  }
  const lines = await until('both are lost', async () => {
    const found = (await Promise.all(both.map((id) => disputes.linesOf(id)))).flat();
    return found.filter((line) => line.startsWith('dispute_lost')).length === 4 && found;
  });
  expect(lines.sort()).toEqual([
    ...['dispute_hold: merchant_held -7000', 'dispute_hold: merchant_pending 7000'],
    ...['dispute_lost: channel_cost 7000', 'dispute_lost: channel_receivable -7000'],
    ...['dispute_lost: channel_receivable -7000', 'dispute_lost: merchant_held 7000'],
  ]);
  expect(await disputes.balances()).toEqual({ ...before, pending: before.pending + 3_050n });
});

it('lost while nobody has decided, it is paid from suspense, and there is nothing left to decide', async () => {
  const payment = await lateMoney.paidLate();
  await lateMoney.inSuspense(payment, 'open');
  const before = await disputes.balances();
  const { id, atBank } = await opened(payment);
  await disputes.decide(atBank, 'lose');
  expect(await told(payment, 'dispute.lost')).toEqual(['cancelled', 'lost', 'untouched']);
  expect(await disputes.linesOf(id)).toEqual(lostFrom('suspense'));
  expect(await disputes.balances()).toEqual(before);
});

it('lost in part, the rest stays in suspense and is decided about as before', async () => {
  const payment = await lateMoney.paidLate();
  await lateMoney.inSuspense(payment, 'open');
  const before = await disputes.balances();
  const { id, atBank } = await opened(payment, { amount: 4_000 });
  await disputes.decide(atBank, 'lose');
  expect(await told(payment, 'dispute.lost')).toEqual(['cancelled', 'lost', 'untouched']);
  expect(await disputes.linesOf(id)).toEqual([
    'dispute_lost: suspense 4000',
    'dispute_lost: channel_receivable -4000',
  ]);
  expect(await lateMoney.inSuspense(payment, 'open')).toMatchObject({
    amount: '100.50',
    lostAmount: '40.00',
  });
  const partly =
    '100.50 USD came all the same: a lost dispute has taken 40.00 USD of it out of suspense, and ';
  const why = async () => (await timeline(payment)).why;
  expect(await why()).toMatch(`${partly}the rest, 60.50 USD, is held in suspense.`);
  const suspenseId = await lateMoney.decided(payment, 'accept');
  expect(await disputes.balances()).toEqual({ ...before, pending: before.pending + 6_050n });
  const accepted = await platform.callbacks.waitFor(payment.orderId, 'payment.late_money_accepted');
  expect(accepted.data).toMatchObject({ lateMoney: { amount: '60.50' } });
  expect(await why()).toMatch(`${partly}the rest, 60.50 USD, was booked for the merchant.`);
  const refund = await refundsOn(platform).ask({ paymentId: payment.id, suspenseId });
  expect([refund.status, refund.body]).toMatchObject([201, { status: 'succeeded', amount: '60.50' }]);
  expect(await why()).toMatch(`${partly}the rest, 60.50 USD, was given back to the customer.`);
});

it('and what was not lost can be given back', async () => {
  const payment = await lateMoney.paidLate();
  await lateMoney.inSuspense(payment, 'open');
  const { atBank } = await opened(payment, { amount: 4_000 });
  await disputes.decide(atBank, 'lose');
  await platform.callbacks.waitFor(payment.orderId, 'dispute.lost');
  await lateMoney.decided(payment, 'refund');
  expect(platform.sandbox.find(`${payment.id}-1`)).toMatchObject({ refunded_amount: 6_050 });
});

it('two disputes take no more from suspense than lies there; the platform pays what is beyond', async () => {
  const payment = await lateMoney.paidLate();
  await lateMoney.inSuspense(payment, 'open');
  for (let times = 0; times < 2; times += 1) {
    await disputes.decide(await disputes.open(payment, { amount: 7_000 }), 'lose');
  }
  await lateMoney.inSuspense(payment, 'resolved');
  const lines = await until('both are lost', async () => {
    const { rows } = await platform.database.query<{ id: string }>(
      `select id from disputes where payment_id = $1 and status = 'lost'`,
      [payment.id.slice(4)],
    );
    return rows.length === 2 && (await Promise.all(rows.map(({ id }) => disputes.linesOf(`_${id}`)))).flat();
  });
  expect(lines.sort()).toEqual([
    'dispute_lost: channel_cost 3950',
    'dispute_lost: channel_receivable -3050',
    'dispute_lost: channel_receivable -3950',
    'dispute_lost: channel_receivable -7000',
    'dispute_lost: suspense 3050',
    'dispute_lost: suspense 7000',
  ]);
});

it('given back while its dispute runs, it is paid a second time by the platform', async () => {
  const payment = await lateMoney.paidLate();
  await lateMoney.inSuspense(payment, 'open');
  const before = await disputes.balances();
  const { id, atBank } = await opened(payment);
  await lateMoney.decided(payment, 'refund');
  await disputes.decide(atBank, 'lose');
  expect(await told(payment, 'dispute.lost')).toEqual(['cancelled', 'lost', 'untouched']);
  expect(await disputes.linesOf(id)).toEqual(lostFrom('channel_cost'));
  expect(await disputes.balances()).toEqual(before);
});

it('if it can’t be given back after all it pays for the dispute, and there is nothing left to accept', async () => {
  const payment = await lateMoney.paidLate();
  const { id: suspenseId } = await lateMoney.inSuspense(payment, 'open');
  const before = await disputes.balances();
  const { id, atBank } = await opened(payment, { amount: 10_000 });
  platform.sandbox.addFault({ kind: 'refund_failing', count: 1 });
  platform.sandbox.addFault({ kind: 'refund_pending', count: 1, ms: 2_000 });
  expect((await lateMoney.decide(suspenseId, 'refund')).status).toBe(200);
  await until(
    'the channel has the refund',
    () => platform.sandbox.find(`${payment.id}-1`)?.refunds.length === 1,
  );
  await disputes.decide(atBank, 'lose');
  expect(await told(payment, 'dispute.lost')).toEqual(['cancelled', 'lost', 'untouched']);
  const paid = ['dispute_lost: channel_cost 10000', 'dispute_lost: channel_receivable -10000'];
  expect(await disputes.linesOf(id)).toEqual(paid);

  const madeUp = ['dispute_lost: suspense 10000', 'dispute_lost: channel_cost -10000'];
  await until('it is made up', async () => (await disputes.linesOf(id)).length === 4);
  expect(await disputes.linesOf(id)).toEqual([...paid, ...madeUp]);
  expect(await lateMoney.inSuspense(payment, 'open')).toMatchObject({ lostAmount: '100.00' });
  await lateMoney.decided(payment, 'accept');
  expect(await disputes.balances()).toEqual({ ...before, pending: before.pending + 50n });
});

it('lost in the moment of the decision, the money is either the merchant’s or nobody’s, and lost once', async () => {
  for (let round = 0; round < 3; round += 1) {
    const payment = await lateMoney.paidLate();
    const { id: suspenseId } = await lateMoney.inSuspense(payment, 'open');
    const before = await disputes.balances();
    const { id, atBank } = await opened(payment);
    const [reply] = await Promise.all([
      lateMoney.decide(suspenseId, 'accept'),
      disputes.decide(atBank, 'lose'),
    ]);
    const isTheirs = reply.status === 200;
    expect(await told(payment, 'dispute.lost')).toEqual([
      'cancelled',
      'lost',
      isTheirs ? 'taken' : 'untouched',
    ]);
    await lateMoney.inSuspense(payment, 'resolved');
    expect(await disputes.linesOf(id)).toEqual(isTheirs ? [...hold, ...lost] : lostFrom('suspense'));
    expect(await disputes.balances()).toEqual(before);
  }
});
