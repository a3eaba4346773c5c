import { delayAfter, jittered } from '../../../domain/config/retry-policy';

const policy = { triesMax: 5, firstDelayMs: 100, backoffFactor: 3, delayMsMax: 1_000 };

test('waits grow by the factor, up to the longest', () => {
  const waits = [1, 2, 3, 4, 400].map((tries) => delayAfter(policy, tries, 0.5));
  expect(waits).toEqual([100, 300, 900, 1_000, 1_000]);
});

test('a wait is a quarter shorter or longer, as chance will have it', () => {
  expect([0, 0.5, 1].map((random) => jittered(400, random))).toEqual([300, 400, 500]);
  expect(new Set(Array.from({ length: 50 }, () => delayAfter(policy, 4))).size).toBeGreaterThan(10);
});
