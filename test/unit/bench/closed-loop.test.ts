import { setTimeout as sleep } from 'node:timers/promises';
import { ratePerSecond } from '../../bench/load/closed-loop';

test('what many do at once is all counted', async () => {
  let done = 0;
  const startedAt = performance.now();
  const rate = await ratePerSecond(
    8,
    async () => {
      await sleep(1 + (done % 3));
      done += 2;
      return 2;
    },
    100,
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  expect(done).toBeGreaterThan(16);
  // The rate was taken over a little less time than this.
  expect(rate * seconds).toBeGreaterThanOrEqual(done);
});
