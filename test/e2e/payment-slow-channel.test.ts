import { anOrder, startPlatform, type Platform } from '../support/platform';

const starts = 100;
const databasePlaces = 10;

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({
    // What is proved is that nobody queues, not how fast a busy machine is today.
    settings: {
      CHANNEL_FAST_TIMEOUT_MS: '3800',
      PAYMENT_ANSWER_WITHIN_MS: '60000',
      DATABASE_POOL_SIZE: String(databasePlaces),
    },
  });
});
afterAll(() => platform?.close());

async function eagerStarts(): Promise<number> {
  const { text } = await platform.call('GET', '/metrics');
  return Number(/durapay_payment_starts_total\{where="eager"\} (\d+)/.exec(text)?.[1] ?? 0);
}

it('a hundred starts at once on a channel that takes two seconds are eager, and none waits for another', async () => {
  // A cold process is still compiling itself.
  await Promise.all(Array.from({ length: 20 }, () => platform.startPayment(anOrder())));
  const called = platform.sandbox.addFault({ kind: 'delay_after', operation: 'create', ms: 2_000 });
  const before = await eagerStarts();
  const calledBefore: number[] = [];
  const answers = await Promise.all(
    Array.from({ length: starts }, async () => {
      const { status } = await platform.startPayment(anOrder());
      calledBefore.push(called.struck);
      return status;
    }),
  );
  expect(new Set(answers)).toEqual(new Set([201]));
  // Before the channel let the first one go it had more of them in its hands than the database has places.
  expect(calledBefore[0]).toBeGreaterThan(databasePlaces);
  expect((await eagerStarts()) - before).toBe(starts);
});
