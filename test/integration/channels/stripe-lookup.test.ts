import { lowestIdAt } from '../../../db/ids';
import { attemptReference } from '../../../domain/payment/reference';
import { startStripeSandbox, type StripeSandbox } from '../../../dev/sandboxes/stripe/sandbox';
import { createLog } from '../../../telemetry/log';
import { channelsOfProduct } from './product-channels';

/** A creation that Stripe made and nobody heard of, asked about when an outage is over and the search is still behind. */
const hourMs = 3_600_000;
const madeAt = new Date(Date.now() - hourMs);
const reference = attemptReference(lowestIdAt(madeAt), 1);
const product = channelsOfProduct(createLog({ level: 'silent', process: 'test' }));
const stripe = product.registry.provider('stripe')!;
let sandbox: StripeSandbox;

beforeAll(async () => {
  sandbox = await startStripeSandbox({ now: () => madeAt.getTime() });
  await stripe.startCharge(call(), {
    ...{ reference, amount: 100n, currency: 'TWD', description: 'Tea', capture: 'automatic' },
    ...{ webhookUrl: 'https://pay.example/hook', expiresAt: new Date(Date.now() + hourMs) },
  });
  sandbox.addFault({ kind: 'search_lags' });
});
afterAll(async () => {
  await product.close();
  await sandbox.close();
});

function call() {
  const credentials = {
    secretKey: sandbox.account.secretKey,
    webhookSecret: sandbox.account.webhookSecret,
  };
  return {
    config: { id: 'chc_1', channel: 'stripe', mode: 'test', baseUrl: sandbox.url, credentials } as const,
    timeoutMs: 2_000,
    correlationId: reference,
  };
}

const ask = (sentAt?: Date, sentUntil?: Date) =>
  stripe.queryCharge(call(), { reference, currency: 'TWD', sentAt, sentUntil });

it('is found since its payment was begun, which its reference tells', async () => {
  expect(await ask()).toMatchObject({ kind: 'open' });
});

it('is found since its attempt was begun, by a clock that differs a little', async () => {
  expect(await ask(new Date(madeAt.getTime() + 60_000))).toMatchObject({ kind: 'open' });
});

it('is not looked for in all the time before its attempt', async () => {
  expect(await ask(new Date())).toEqual({ kind: 'not_found' });
});

it('is looked for until no call can have been under way any more, and not in what was made since', async () => {
  const before = new Date(madeAt.getTime() - 60_000);
  expect(await ask(before, new Date(madeAt.getTime() - 30_000))).toMatchObject({ kind: 'open' });
  const longBefore = new Date(madeAt.getTime() - hourMs);
  expect(await ask(longBefore, new Date(longBefore.getTime() + 30_000))).toEqual({ kind: 'not_found' });
});

it('is called off all the same', async () => {
  const query = { reference, currency: 'TWD', sentAt: madeAt };
  expect(await stripe.cancelCharge(call(), query)).toEqual({ kind: 'cancelled' });
});
