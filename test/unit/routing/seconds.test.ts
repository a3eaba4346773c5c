import { bySecond, judgeSeconds, type Begun } from '../../faults/channels/seconds';

/** So many payments in each second, of which so many went wrong. */
const load = (bad: readonly number[], perSecond = 24): Begun[] =>
  bad.flatMap((wrong, second) =>
    Array.from({ length: perSecond }, (_, index) => ({
      orderId: `${second}-${index}`,
      startedAtMs: second * 1_000 + index * 40,
      isGood: index >= wrong,
    })),
  );

test('five bad seconds are borne, a sixth is not', () => {
  const five = [0, 24, 24, 1, 3, 2, 0, 0];
  expect(judgeSeconds(bySecond(load(five), 0))).toMatchObject({ bad: { length: 5 }, offenders: [] });
  const six = judgeSeconds(bySecond(load([...five, 1, 0]), 0));
  expect(six.offenders).toHaveLength(6);
  expect(six.offenders[0]).toBe('second 1: 0 of 24');
});

test('a second with too few payments proves nothing', () => {
  expect(judgeSeconds(bySecond(load([0, 0, 0], 12), 0)).offenders).toEqual([
    'second 0: only 12 payments were started',
    'second 1: only 12 payments were started',
  ]);
});
