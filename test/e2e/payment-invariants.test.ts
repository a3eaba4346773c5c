import { brokenInvariants } from '../support/invariants';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

/** Posts an order, lets its workflow be lost, and posts it again: only the database still knows that it is taken. */
async function postTwiceAndPay(platform: Platform): Promise<void> {
  const order = anOrder();
  await platform.openPayment(order);
  await platform.forget(platform.workflowId(order.orderId));
  const payment = (await platform.startPayment(order)).body as PaymentBody;
  await platform.checkout(payment, 'pay');
  await until('it is paid', async () => {
    // The run that found the order taken may have heard the event, and ended: then the sweep tells it again.
    await platform.sweep('webhooks');
    return (await platform.readPayment(payment.id)).status === 'succeeded';
  });
}

const check = (platform: Platform) => brokenInvariants(platform.database, platform.sandbox.book());

describe('the checks of the invariants', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await startPlatform({ settings: { WEBHOOK_SWEEP_AFTER_MS: '1' } });
  });
  afterAll(() => platform?.close());

  it('pass on a database that is whole', async () => {
    await postTwiceAndPay(platform);
    expect(platform.sandbox.book()).toHaveLength(1);
    expect(await check(platform)).toEqual([]);
  });

  it('fail where one orderId may be two payments', async () => {
    await platform.database.query('alter table payment_keys drop constraint payment_keys_pkey');
    await postTwiceAndPay(platform);
    expect(platform.sandbox.book()).toHaveLength(3);
    expect(await check(platform)).toEqual(['one orderId is one payment']);
  });

  it('fail where a charge may be written twice, or lost', async () => {
    await platform.database.query('drop index provider_charges_one_per_payment');
    await platform.database.query(
      `insert into provider_charges (channel_config_id, provider_ref, payment_id, attempt_no, amount, currency, disposition)
       select channel_config_id, 'of nobody', payment_id, attempt_no, amount, currency, disposition
       from provider_charges limit 1`,
    );
    const broken = await check(platform);
    expect(broken).toContain('a paid payment has exactly one charge, of its own amount');
    expect(broken).toContain('our charges are the provider’s charges');
    await platform.database.query(`delete from provider_charges where provider_ref = 'of nobody'`);
  });
});
