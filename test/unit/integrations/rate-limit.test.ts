import type { CallLimits } from '../../../domain/config/service';
import { createDeadline } from '../../../integrations/deadline';
import { createRateLimit, type Lease, type RateLimit } from '../../../integrations/rate-limit';

interface Asked {
  wanted: number;
  givenBack: number;
}

function withLeases(answer: (asked: Asked, count: number) => Lease | Promise<Lease>) {
  const asked: Asked[] = [];
  const errors: unknown[] = [];
  const limit = createRateLimit({
    async lease(_instance, wanted, givenBack) {
      asked.push({ wanted, givenBack });
      return answer({ wanted, givenBack }, asked.length);
    },
    onError: (error) => errors.push(error),
    waitMsMax: 200,
  });
  return { limit, asked, errors };
}

const all = ({ wanted }: Asked): Lease => ({ granted: wanted, heldBy: null, retryMs: 0 });
const none = (retryMs: number): Lease => ({ granted: 0, heldBy: 'second', retryMs });
const hundred: CallLimits = { perSecond: 100 };
const pass = async (limit: RateLimit, limits = hundred, timeoutMs = 1_000) =>
  limit.pass('svc', limits, createDeadline(timeoutMs));

test('one lease serves many calls, and the next is fetched before it is used up', async () => {
  const { limit, asked } = withLeases(all);
  expect(await pass(limit)).toBe(true);
  for (let call = 0; call < 3; call += 1) expect(limit.pass('svc', hundred, createDeadline(1))).toBe(true);
  expect(asked).toEqual([{ wanted: 10, givenBack: 0 }]);
  // Half of the ten are left: from here on it is on its way, and nobody waits for it.
  expect(limit.pass('svc', hundred, createDeadline(1))).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toHaveLength(2);
});

test('a hundred at once ask for what they need together', async () => {
  const { limit, asked } = withLeases(all);
  const passed = await Promise.all(Array.from({ length: 100 }, () => pass(limit)));
  expect(passed).toEqual(Array.from({ length: 100 }, () => true));
  expect(asked.length).toBeLessThanOrEqual(3);
});

test('who would have to wait too long is refused at once; a short wait is waited for', async () => {
  const begun = performance.now();
  const long = withLeases(() => none(5_000));
  expect(await pass(long.limit)).toBe(false);
  expect(await pass(long.limit)).toBe(false);
  expect(long.asked).toHaveLength(1);
  // The wait it was spared, not a speed: a busy machine may take its time.
  expect(performance.now() - begun).toBeLessThan(4_000);

  const short = withLeases((asked, count) => (count === 1 ? none(20) : all(asked)));
  expect(await pass(short.limit)).toBe(true);
  const hurried = withLeases(() => none(50));
  expect(await pass(hurried.limit, hundred, 10)).toBe(false);
});

test('leased calls are for now: kept too long they are given back and leased anew', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
  try {
    const { limit, asked } = withLeases(all);
    await pass(limit);
    jest.advanceTimersByTime(1_001);
    await pass(limit);
    expect(asked).toEqual([
      { wanted: 10, givenBack: 0 },
      { wanted: 10, givenBack: 9 },
    ]);
  } finally {
    jest.useRealTimers();
  }
});

test('while nobody can count, nothing is sent, and it is not asked again for every call', async () => {
  const { limit, asked, errors } = withLeases(() => Promise.reject(new Error('away')));
  expect(await Promise.all([pass(limit), pass(limit), pass(limit)])).toEqual([false, false, false]);
  expect([asked.length, errors.length]).toEqual([1, 1]);
});

test('a small quota is leased one by one', async () => {
  const { limit, asked } = withLeases(all);
  for (let call = 0; call < 3; call += 1) await pass(limit, { perDay: 500 });
  expect(asked).toEqual([1, 2, 3].map(() => ({ wanted: 1, givenBack: 0 })));
});
