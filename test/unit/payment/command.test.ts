import { refusalOf, type CommandKind } from '../../../domain/payment/command';
import { noChannelError } from '../../../domain/payment/no-channel';
import { isFinal, paymentStatuses, type PaymentStatus } from '../../../domain/payment/status';

const state = (status: PaymentStatus, capturedMinor?: string) => ({
  status,
  version: 3,
  attemptNo: 1,
  capturedMinor,
  updatedAt: '2026-01-01T00:00:00.000Z',
});

const allowed: Record<CommandKind, PaymentStatus[]> = {
  capture: ['authorized'],
  cancel: ['created', 'review', 'requires_action', 'processing', 'authorized'],
  attempt: ['requires_action'],
  review: ['review'],
  retry: [],
};

test.each(Object.entries(allowed) as [CommandKind, PaymentStatus[]][])(
  '%s is possible just where it should be',
  (kind, where) => {
    expect(paymentStatuses.filter((status) => refusalOf(state(status), kind) === undefined)).toEqual(where);
  },
);

test('a payment that has ended refuses everything, one in doubt asks to wait', () => {
  for (const kind of Object.keys(allowed) as CommandKind[]) {
    for (const status of paymentStatuses.filter(isFinal))
      expect(refusalOf(state(status), kind)).toBe('payment_closed');
    expect(refusalOf(state('unknown'), kind)).toBe('payment_in_doubt');
  }
});

test('one that waits for a channel may be tried again by anybody, or given up, and nothing else', () => {
  const waiting = { ...state('pending'), lastError: noChannelError };
  const kinds = Object.keys(allowed) as CommandKind[];
  expect(kinds.filter((kind) => refusalOf(waiting, kind) === undefined)).toEqual([
    'cancel',
    'attempt',
    'retry',
  ]);
  expect(refusalOf(state('requires_action'), 'retry')).toBe('not_in_queue');
});

test('of what is captured in part the rest can be let go, as long as it is reserved', () => {
  expect(refusalOf(state('authorized', '0'), 'cancel')).toBeUndefined();
  expect(refusalOf(state('authorized', '1'), 'cancel')).toBeUndefined();
  expect(refusalOf(state('processing', '1'), 'cancel')).toBe('not_cancellable');
});
