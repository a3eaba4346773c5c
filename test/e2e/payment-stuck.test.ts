import { accountId, accountName } from '../../db/stores/ledger-accounts';
import { kpaySandboxAccount } from '../../dev/sandboxes/kpay/account';
import { merchantAccount } from '../../domain/ledger/account';
import { correct } from '../support/correction';
import { disputesOn } from '../support/disputes';
import { kpayEvent, signedBy } from '../support/kpay-event';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

interface Timeline {
  why: string;
  next: { what: string; by: string | null }[];
  workflow: { history: string };
}

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ throughProxies: true });
});
afterAll(() => platform?.close());
afterEach(() => platform.sandbox.clearFaults());

async function timelineOf(id: string): Promise<Timeline> {
  const path = `/api/v1/payments/${id}/timeline`;
  const reply = await platform.call('GET', path, { key: platform.merchant.apiKey });
  expect(reply.status).toBe(200);
  return reply.body as Timeline;
}

/** Its timeline, as soon as its "why" is one like this. */
const explained = (id: string, why: RegExp) =>
  until(`${id} says ${why.source}`, async () => {
    const told = await timelineOf(id);
    return why.test(told.why) && told;
  });

async function tellPaid(payment: PaymentBody): Promise<void> {
  const raw = JSON.stringify(kpayEvent(`${payment.id}-1`));
  const headers = signedBy(kpaySandboxAccount.webhookSecret, raw);
  expect((await platform.call('POST', platform.webhookPath, { raw, headers })).status).toBe(200);
}

/** What the merchant has there in euros was nothing but a going in and out. */
async function closeAccount(part: 'pending' | 'held'): Promise<string> {
  const account = merchantAccount('test', platform.merchant.id, part, 'EUR');
  await correct(platform.database, account, 100n);
  await correct(platform.database, account, -100n);
  const id = accountId(accountName(account));
  await platform.database.query('select ledger_close_account($1)', [id]);
  return id;
}

test('money that the ledger refuses to book: the channel has confirmed it, and an operator is wanted', async () => {
  const closed = await closeAccount('pending');
  const payment = await platform.openPayment({ currency: 'EUR' });
  await platform.checkout(payment, 'pay');
  const { why, next } = await explained(payment.id, /refuses/);
  expect(why).toMatch(
    /^kpay has confirmed that money was moved, and the ledger refuses to book it: step recordNews has failed (once|\d+ times), last with LedgerRefusal: The ledger refuses: closed_account \(/,
  );
  expect(why).toContain(closed);
  const [operator, again] = next;
  expect(operator?.what).toMatch(/opens the closed account again \(POST \/admin\/ledger\/accounts/);
  expect(again?.what).toMatch(/^It is tried again: step recordNews has failed/);
  await until('the next try has a time', async () => {
    const by = (await timelineOf(payment.id)).next[1]?.by;
    return by != null && Math.abs(Date.parse(by) - Date.now()) < 60_000;
  });

  await platform.database.query('select ledger_reopen_account($1)', [closed]);
  await platform.waitForStatus(payment.id, 'succeeded');
  // The row says so before Temporal has heard that the step is done.
  await until('nothing is left to do', async () => {
    const { why: over, next: left } = await timelineOf(payment.id);
    return over.startsWith('kpay confirmed') && left.every(({ what }) => what.startsWith('Callback'));
  });
});

test('a channel that does not say whether it was paid: the customer is not who is waited for', async () => {
  platform.sandbox.addFault({ kind: 'error_before', operation: 'cancel' });
  platform.sandbox.addFault({ kind: 'error_before', operation: 'query' });
  const payment = await platform.openPayment({ expiresInSeconds: 60 });
  const command = platform.call('POST', `/api/v1/payments/${payment.id}/cancel`, {
    key: platform.merchant.apiKey,
    body: {},
  });
  const { why, next } = await explained(payment.id, /can not go on/);
  expect(why).toMatch(/step closeCharge has failed .*, last with AnswerUnknown: kpay does not say/);
  expect(next).toHaveLength(1);
  platform.sandbox.clearFaults();
  await command;
  await platform.waitForStatus(payment.id, 'cancelled');
});

test('a dispute whose amount the ledger does not let it withhold', async () => {
  const disputes = disputesOn(platform);
  const payment = await disputes.paidPayment({ currency: 'EUR' });
  const closed = await closeAccount('held');
  await disputes.open(payment);
  const stuck = await until('its dispute has tried', async () => {
    const { next } = await timelineOf(payment.id);
    return next.find(({ what }) => what.includes('step applyDisputeEvent has failed'));
  });
  expect(stuck.what).toMatch(
    /^What kpay told at \S+ \(dispute opened\) is tried again: .*: closed_account \(/,
  );

  await platform.database.query('select ledger_reopen_account($1)', [closed]);
  await platform.waitForStatus(payment.id, 'disputed');
  const { next } = await timelineOf(payment.id);
  expect(next.map(({ what }) => what)).toContainEqual(
    expect.stringMatching(/^The merchant sends evidence/) as string,
  );
});

test('a callback that nobody takes is still to come', async () => {
  platform.callbacks.isDown = true;
  const payment = await platform.openPayment();
  await platform.checkout(payment, 'pay');
  const timeline = await until('its workflow has tried', async () => {
    const told = await timelineOf(payment.id);
    return told.next.some(({ what }) => what.includes('CallbackNotTaken')) && told;
  });
  expect(timeline.why).toBe('kpay confirmed that the money was charged.');
  expect(timeline.next).toHaveLength(1);
  expect(timeline.next[0]?.what).toMatch(/^Callback payment\.succeeded \(evt_\w+\) is tried again: .*: 500/);
  platform.callbacks.isDown = false;
});

test('what the channel told while Temporal is away is not the customer’s to wait for', async () => {
  const payment = await platform.openPayment(anOrder());
  platform.proxies.temporal.cut();
  await tellPaid(payment);
  const { why, next, workflow } = await timelineOf(payment.id);
  expect(why).toMatch(/^kpay told at 2\S+Z: succeeded\. That has not been written down yet\.$/);
  expect(next).toHaveLength(1);
  expect(next[0]?.what).toMatch(/is brought to its workflow again until it is applied/);
  expect(workflow.history).toBe('unavailable');
  platform.proxies.temporal.resume();
});
