import { lowestIdAt } from '../../../db/ids';
import { dated, effectiveTime } from '../../../domain/payment/moved-at';
import type { ChannelEvent, MovedMoney } from '../../../domain/payment/outcome';

const begun = new Date('2026-01-01T10:00:00.000Z');
const now = new Date('2026-01-02T10:00:00.000Z');
const id = lowestIdAt(begun);
const money: MovedMoney = { providerRef: 'p1', amountMinor: '100', currency: 'USD' };

describe('money is booked as moved', () => {
  test.each([
    ['when the provider says', '2026-01-01T23:59:59.999Z', '2026-01-01T23:59:59.999Z'],
    [
      'when the provider says, wherever its clock stands',
      '2026-01-02T07:00:00+08:00',
      '2026-01-01T23:00:00.000Z',
    ],
    ['now, if the provider says nothing', undefined, now.toISOString()],
    ['now, if what it says is no time', 'yesterday', now.toISOString()],
    ['now, if it says a time to come', '2026-01-02T10:00:00.001Z', now.toISOString()],
    ['when it was begun, if it says a time before', '2026-01-01T09:59:59.999Z', begun.toISOString()],
  ])('%s', (_when, movedAt, expected) => {
    expect(effectiveTime({ movedAt }, id, now).toISOString()).toBe(expected);
  });

  test('now, if even what was begun lies ahead of this clock', () => {
    const ahead = lowestIdAt(new Date(now.getTime() + 60_000));
    expect(effectiveTime({ movedAt: '2026-01-01T12:00:00Z' }, ahead, now)).toEqual(now);
  });
});

describe('an event gives its time', () => {
  const heading = { eventId: 'e1', occurredAt: '2026-01-01T11:00:00.000Z', reference: 'r1' };
  const charged = (charge: MovedMoney): ChannelEvent => ({
    ...heading,
    about: 'charge',
    status: { kind: 'succeeded', charge },
  });
  const refunded = (refund: MovedMoney): ChannelEvent => ({
    ...heading,
    about: 'refund',
    status: { kind: 'succeeded', refund },
  });

  test('to the money in it', () => {
    const timed = { ...money, movedAt: heading.occurredAt };
    expect(dated(charged(money))).toEqual(charged(timed));
    expect(dated(refunded(money))).toEqual(refunded(timed));
  });

  test('but not to money that has its own', () => {
    const timed = { ...money, movedAt: '2026-01-01T10:30:00.000Z' };
    expect(dated(charged(timed))).toEqual(charged(timed));
    expect(dated(refunded(timed))).toEqual(refunded(timed));
  });

  test('and to nothing else', () => {
    const cancelled: ChannelEvent = { ...heading, about: 'charge', status: { kind: 'cancelled' } };
    expect(dated(cancelled)).toBe(cancelled);
  });
});
