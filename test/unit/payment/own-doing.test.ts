import { isOwnDoing } from '../../../activities/payment/own-doing';
import type { ChangeSince } from '../../../db/stores/changes-since-store';
import type { PaymentState } from '../../../domain/payment/state';

const at = (version: number, status: PaymentState['status']): PaymentState => ({
  ...{ version, status, attemptNo: 1 },
  updatedAt: '2026-01-01T00:00:00.000Z',
});
const open = at(2, 'requires_action');
const change = (version: number, key: string, to: PaymentState['status'] = 'succeeded'): ChangeSince => ({
  ...{ version, key, to },
  isBeside: false,
});

test.each(['event:1', 'poll:2026', 'cancel:1', 'expiry', 'capture-deadline', 'refund:1:reserved'])(
  'what %s has changed is this payment’s own doing',
  (key) => {
    expect(isOwnDoing(open, at(3, 'succeeded'), [change(3, key)])).toBe(true);
  },
);

test('what came after the row was read is left out', () => {
  expect(isOwnDoing(open, at(3, 'succeeded'), [change(3, 'event:1'), change(4, 'by hand')])).toBe(true);
});

describe('a stranger’s hand', () => {
  test.each<[string, PaymentState, ChangeSince[]]>([
    ['has left no event', at(3, 'succeeded'), []],
    ['has left out an event', at(4, 'succeeded'), [change(4, 'event:1')]],
    ['has changed the row after the last event', at(3, 'cancelled'), [change(3, 'event:1')]],
    ['gives no cause', at(3, 'succeeded'), [change(3, '')]],
    ['gives a cause of its own', at(3, 'succeeded'), [change(3, 'expiry by hand')]],
  ])('%s', (_what, now, changes) => {
    expect(isOwnDoing(open, now, changes)).toBe(false);
  });
});
