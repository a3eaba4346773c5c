import { leaveAlone, pauseOf, toldPause } from '../../../activities/pause';
import type { Channel } from '../../../activities/payment/deps';
import type { PaymentProvider } from '../../../integrations/channels/payment-provider';

const now = new Date('2026-01-01T12:00:00.000Z');
const channel = (untilMs?: number): Channel => ({
  provider: {
    pausedUntil: () => (untilMs === undefined ? undefined : { until: new Date(untilMs), reason: 'It rests' }),
  } as unknown as PaymentProvider,
  config: { id: 'chc_1', channel: 'x', mode: 'test', baseUrl: '', credentials: {} },
});

it.each<[string, number | undefined, string | undefined]>([
  ['no pause', undefined, undefined],
  ['one that is over', now.getTime(), undefined],
  ['a quarter of an hour', now.getTime() + 900_000, '2026-01-01T12:15:00.000Z'],
  ['a day, of which an hour is believed', now.getTime() + 86_400_000, '2026-01-01T13:00:00.000Z'],
])('%s', (_what, untilMs, told) => {
  const pause = pauseOf(channel(untilMs), now);
  expect(pause && toldPause(pause).pausedUntil).toBe(told);
});

it('without one nothing is left alone; with one the next try is set for its end', () => {
  expect(() => leaveAlone(undefined)).not.toThrow();
  expect(() => leaveAlone(channel())).not.toThrow();
  expect(() => leaveAlone(channel(Date.now() + 600_000))).toThrow(/^It rests; it goes on at /);
});
