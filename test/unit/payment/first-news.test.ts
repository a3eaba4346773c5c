import { createDesk } from '../../../activities/payment/desk';
import { firstNewsWithinMs } from '../../../activities/payment/first-news';
import type { OpenedPayment } from '../../../activities/payment/contracts';
import type { PaymentStatus } from '../../../domain/payment/status';

const createdAt = '2026-01-01T00:00:00.000Z';
const opened = (status: PaymentStatus) => ({ state: { status }, request: { createdAt } }) as OpenedPayment;
const after = (ms: number) => Date.parse(createdAt) + ms;

test.each([
  ['where the customer goes on', 'requires_action', true, 20, 100],
  ['the channel works on it', 'processing', true, 20, 100],
  ['the channel took its time', 'requires_action', true, 2_450, 50],
  ['the step is nearly over', 'requires_action', true, 2_500, 0],
  ['it is long past', 'requires_action', true, 60_000, 0],
  ['nobody waited in this process', 'requires_action', false, 20, 0],
  ['it has ended', 'succeeded', true, 20, 0],
  ['the merchant is to capture it', 'authorized', true, 20, 0],
  ['it is in doubt', 'unknown', true, 20, 0],
  ['an operator looks at it', 'review', true, 20, 0],
  ['no channel can take it', 'pending', true, 20, 0],
] as const)('a first step after which %s (%s) stays so long', (_, status, wasAwaited, ageMs, expected) => {
  const step = { wasAwaited, now: after(ageMs), upToMs: 100 };
  expect(firstNewsWithinMs(opened(status), step)).toBe(expected);
});

describe('a desk', () => {
  test('gives what came before somebody asked for it, and nothing when the time is over', async () => {
    const desk = createDesk<string>(2);
    const [early, late] = [desk.wait('one'), desk.wait('two')];
    expect(desk.deliver('one', 'paid')).toBe(true);
    await expect(early?.within(60_000)).resolves.toBe('paid');
    await expect(late?.within(1)).resolves.toBeUndefined();
  });

  test('takes no more than it has room for, and says whether anybody was there', () => {
    const desk = createDesk<string>(1);
    const first = desk.wait('one');
    expect(desk.wait('two')).toBeUndefined();
    expect(desk.deliver('two', 'paid')).toBe(false);
    first?.leave();
    first?.leave();
    expect(desk.deliver('one', 'paid')).toBe(false);
    expect(desk.wait('two')).toBeDefined();
    expect(desk.wait('three')).toBeUndefined();
  });
});
