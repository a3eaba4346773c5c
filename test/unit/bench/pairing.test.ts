import { hasDrifted, interleave, median, medianOf, medianRatio, quantile } from '../../bench/pairing';

test('arms run forwards, then backwards', async () => {
  const order: string[] = [];
  const arm = (name: string) => ({
    name,
    measure: async () => {
      order.push(name);
      return 1;
    },
  });
  await interleave([arm('a'), arm('b')], 6);
  expect(order.join('')).toBe('abbaabbaabba');
});

test('a machine that slows down all the time does not tilt the ratio', async () => {
  let slowness = 0;
  const arm = (name: string, rate: number) => ({ name, measure: async () => rate - (slowness += 1) });
  const samples = await interleave([arm('product', 1_000), arm('floor', 1_000)], 10);
  expect(Math.abs(medianRatio(samples, 'product', 'floor') - 1)).toBeLessThan(0.001);
});

test('one bad round does not move the median', async () => {
  const rates = [50, 50, 1, 50, 50];
  const samples = await interleave([
    { name: 'product', measure: async (round) => rates[round] ?? 0 },
    { name: 'floor', measure: async () => 100 },
  ]);
  expect(medianRatio(samples, 'product', 'floor')).toBe(0.5);
  expect(medianOf(samples, 'floor')).toBe(100);
});

test('fewer than five pairs, or two arms of one name, are refused', async () => {
  const arm = { name: 'a', measure: async () => 1 };
  await expect(interleave([arm], 4)).rejects.toThrow(RangeError);
  await expect(interleave([arm, arm], 5)).rejects.toThrow(RangeError);
});

test('quantiles', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(quantile([10, 20, 30, 40, 50], 0.95)).toBeCloseTo(48);
  expect(quantile([], 0.5)).toBeNaN();
});

test('more than a tenth off itself, or nothing measured, is drift', () => {
  expect([1, 0.91, 1.09].map(hasDrifted)).toEqual([false, false, false]);
  expect([0.89, 1.11, Number.NaN].map(hasDrifted)).toEqual([true, true, true]);
});
