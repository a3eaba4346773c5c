import { poissonSlice } from '../../bench/load/schedule';

const rate = 50;

test('the same seed gives the same arrivals, another seed others', () => {
  expect(poissonSlice(7, rate, 0, 100)).toEqual(poissonSlice(7, rate, 0, 100));
  expect(poissonSlice(8, rate, 0, 100)).not.toEqual(poissonSlice(7, rate, 0, 100));
});

test('slices make up one schedule', () => {
  const whole = poissonSlice(7, rate, 0, 60);
  const second = poissonSlice(7, rate, 30, 30);
  const lastOfFirst = whole[29] ?? Number.NaN;
  second.forEach((time, place) => expect(lastOfFirst + time).toBeCloseTo(whole[30 + place] ?? Number.NaN, 6));
});

test('gaps are exponential: their mean is 1/rate and their deviation equals the mean', () => {
  const times = poissonSlice(1, rate, 0, 20_000);
  const gaps = times.map((time, place) => time - (times[place - 1] ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  expect(mean / (1_000 / rate)).toBeCloseTo(1, 1);
  expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1);
});
