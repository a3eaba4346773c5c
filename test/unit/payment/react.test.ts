import fc from '../../support/properties';
import type { ChargeStatus } from '../../../domain/payment/outcome';
import { react, type AttemptStatus, type Expected } from '../../../domain/payment/react';
import {
  isFinal,
  isPaid,
  mayBecome,
  paymentStatuses,
  transitions,
  type PaymentStatus,
} from '../../../domain/payment/status';

const agreed = { amountMinor: '100', currency: 'TWD' };
const paid: ChargeStatus = { kind: 'succeeded', charge: { providerRef: 'kp_1', ...agreed } };
const error = { code: 'card_declined', message: 'The card was declined.' };

const expected = (changes: Partial<Expected> = {}): Expected => ({
  status: 'requires_action',
  ...agreed,
  isCurrentAttempt: true,
  attemptStatus: 'action_required',
  isLastAttempt: false,
  isTimeUp: false,
  ...changes,
});

const reservedOnce = {
  status: 'authorized',
  attemptStatus: 'authorized',
} as const satisfies Partial<Expected>;

const inProcess = {
  status: 'processing',
  attemptStatus: 'processing',
} as const satisfies Partial<Expected>;

const number = { type: 'bank_transfer', details: { accountNumber: '1' } } as const;
const redirect = { type: 'redirect', url: 'https://pay.test/2' } as const;

test.each<[string, Partial<Expected>, ChargeStatus, boolean]>([
  [
    'another kind of thing to do',
    { nextActionType: 'form_post' },
    { kind: 'open', nextAction: number },
    true,
  ],
  ['the same kind again', { nextActionType: 'redirect' }, { kind: 'open', nextAction: redirect }, false],
  ['nothing to do', { nextActionType: 'form_post' }, { kind: 'open' }, false],
  ['where nobody knows what there was', {}, { kind: 'open', nextAction: number }, false],
  [
    'after a decline',
    { nextActionType: 'form_post', attemptStatus: 'declined' },
    { kind: 'open', nextAction: number },
    false,
  ],
  [
    'of an older attempt',
    { nextActionType: 'form_post', isCurrentAttempt: false },
    { kind: 'open', nextAction: number },
    false,
  ],
  [
    'once it is paid',
    { nextActionType: 'form_post', status: 'succeeded' },
    { kind: 'open', nextAction: number },
    false,
  ],
])('open, with %s', (_name, changes, news, isNews) => {
  const reaction = react(expected(changes), news);
  expect(reaction).toMatchObject(
    isNews ? { kind: 'change', to: 'requires_action', nextAction: number } : { kind: 'nothing' },
  );
});

test.each<[string, Partial<Expected>, ChargeStatus, string | undefined]>([
  ['paid as agreed', {}, paid, 'succeeded'],
  ['paid while in doubt', { status: 'unknown', attemptStatus: 'unknown' }, paid, 'succeeded'],
  ['an older attempt was paid after all', { isCurrentAttempt: false }, paid, 'succeeded'],
  ['a decline leaves it open', {}, { kind: 'declined', error }, 'requires_action'],
  ['a decline of the last attempt ends it', { isLastAttempt: true }, { kind: 'declined', error }, 'failed'],
  ['in the channel’s hands', {}, { kind: 'processing' }, 'processing'],
  [
    'in its hands after a doubt',
    { status: 'unknown', attemptStatus: 'unknown' },
    { kind: 'processing' },
    'processing',
  ],
  ['in its hands, told again', inProcess, { kind: 'processing' }, undefined],
  ['in its hands, an older attempt', { isCurrentAttempt: false }, { kind: 'processing' }, undefined],
  ['in its hands, once reserved', reservedOnce, { kind: 'processing' }, undefined],
  ['out of its hands, the customer’s turn again', inProcess, { kind: 'open' }, 'requires_action'],
  ['open, and perhaps in its hands', inProcess, { kind: 'open', mayBeInProcess: true }, undefined],
  ['open, an older attempt', { ...inProcess, isCurrentAttempt: false }, { kind: 'open' }, undefined],
  ['paid out of its hands', inProcess, paid, 'succeeded'],
  ['declined in its hands', inProcess, { kind: 'declined', error }, 'requires_action'],
  ['a decline that is known', { attemptStatus: 'declined' }, { kind: 'declined', error }, undefined],
  ['an older attempt was declined', { isCurrentAttempt: false }, { kind: 'declined', error }, undefined],
  ['reserved', {}, { kind: 'authorized', charge: { providerRef: 'kp_1', ...agreed } }, 'authorized'],
  [
    'reserved, told again',
    { status: 'authorized', attemptStatus: 'authorized' },
    { kind: 'authorized', charge: { providerRef: 'kp_1', ...agreed } },
    undefined,
  ],
  [
    'an older attempt is reserved',
    { isCurrentAttempt: false },
    { kind: 'authorized', charge: { providerRef: 'kp_1', ...agreed } },
    undefined,
  ],
  [
    'an older attempt is reserved beside a reservation',
    { ...reservedOnce, isCurrentAttempt: false },
    { kind: 'authorized', charge: { providerRef: 'kp_2', ...agreed } },
    undefined,
  ],
  [
    'reserved after the end',
    { status: 'expired', attemptStatus: 'expired' },
    { kind: 'authorized', charge: { providerRef: 'kp_1', ...agreed } },
    undefined,
  ],
  ['the reservation is gone', reservedOnce, { kind: 'cancelled' }, 'cancelled'],
  ['the reservation was refused after all', reservedOnce, { kind: 'declined', error }, 'failed'],
  [
    'an older attempt is cancelled beside a reservation',
    { ...reservedOnce, isCurrentAttempt: false },
    { kind: 'cancelled' },
    undefined,
  ],
  ['still open', {}, { kind: 'open' }, undefined],
  ['nobody knows', {}, { kind: 'unknown', error }, undefined],
])('%s', (_name, changes, news, to) => {
  const reaction = react(expected(changes), news);
  expect(reaction.kind === 'change' ? reaction.to : undefined).toBe(to);
});

test.each<[string, Partial<Expected>, string, boolean]>([
  ['before its time', {}, 'requires_action', false],
  ['before its time, the last attempt', { isLastAttempt: true }, 'failed', false],
  ['at its time', { isTimeUp: true }, 'requires_action', true],
  ['at its time, the last attempt', { isTimeUp: true, isLastAttempt: true }, 'requires_action', true],
  ['past its time, out of the channel’s hands', { isTimeUp: true, ...inProcess }, 'requires_action', true],
  ['at its time, once reserved', { isTimeUp: true, ...reservedOnce }, 'cancelled', false],
])('cancelled at the channel %s', (_name, changes, to, isUntold) => {
  const reaction = react(expected(changes), { kind: 'cancelled' });
  expect(reaction).toMatchObject({ kind: 'change', to, attempt: 'cancelled' });
  expect('isUntold' in reaction && reaction.isUntold === true).toBe(isUntold);
});

test('a decline at the payment’s time is one', () => {
  const reaction = react(expected({ isTimeUp: true, isLastAttempt: true }), { kind: 'declined', error });
  expect(reaction).toMatchObject({ to: 'failed', attempt: 'declined' });
});

test('another amount than agreed never counts as the payment, and is kept aside', () => {
  const reaction = react(expected(), {
    kind: 'succeeded',
    charge: { providerRef: 'kp_1', amountMinor: '99', currency: 'TWD' },
  });
  expect(reaction).toMatchObject({
    to: 'failed',
    charge: { disposition: 'suspense', amountMinor: '99' },
    error: { code: 'amount_mismatch' },
  });
});

test.each([{ amountMinor: '1' }, { amountMinor: '101' }, { currency: 'USD' }])(
  'a reservation of %j instead of what was agreed is none of the payment’s, and is left to be closed',
  (told) => {
    const charge = { providerRef: 'kp_1', ...agreed, ...told };
    const reaction = react(expected(), { kind: 'authorized', charge });
    expect(reaction).toMatchObject({
      to: 'failed',
      attempt: 'authorized',
      providerRef: 'kp_1',
      error: { code: 'amount_mismatch' },
    });
    expect(reaction).not.toHaveProperty('charge');
  },
);

const partlyCaptured = {
  status: 'authorized',
  attemptStatus: 'authorized',
  capturedMinor: '30',
} as const satisfies Partial<Expected>;
const total = (amountMinor: string): ChargeStatus => ({
  kind: 'succeeded',
  charge: { providerRef: 'kp_1', amountMinor, currency: 'TWD' },
});

test.each<[string, Partial<Expected>, ChargeStatus, string, string | undefined]>([
  ['the rest was released', {}, total('30'), 'succeeded', undefined],
  ['the rest was released, told as a cancellation', {}, { kind: 'cancelled' }, 'succeeded', undefined],
  [
    'as a decline of the last attempt',
    { isLastAttempt: true },
    { kind: 'declined', error },
    'succeeded',
    undefined,
  ],
  ['the rest was captured by somebody else', {}, total('100'), 'succeeded', '70 payment'],
  ['more was taken than agreed', {}, total('101'), 'succeeded', '71 suspense'],
  [
    'another attempt was paid as well',
    { isCurrentAttempt: false },
    total('100'),
    'authorized',
    '100 suspense',
  ],
])('of a part that is captured and booked: %s', (_name, changes, news, to, booked) => {
  const reaction = react(expected({ ...partlyCaptured, ...changes }), news);
  if (reaction.kind !== 'change') throw new Error('nothing');
  const { charge } = reaction;
  expect([reaction.to, charge && `${charge.amountMinor} ${charge.disposition}`]).toEqual([to, booked]);
});

test.each(['declined', 'cancelled'] as const)(
  'an attempt that is %s keeps what it came to',
  (attemptStatus) => {
    for (const isLastAttempt of [true, false]) {
      const over = expected({ attemptStatus, isLastAttempt });
      expect(react(over, { kind: 'cancelled' })).toEqual({ kind: 'nothing' });
      expect(react(over, { kind: 'declined', error })).toEqual({ kind: 'nothing' });
      expect(react(over, paid)).toMatchObject({ to: 'succeeded' });
    }
  },
);

const anyNews: fc.Arbitrary<ChargeStatus> = fc.oneof(
  fc.constantFrom('100', '99', '101').map((amountMinor): ChargeStatus => ({
    kind: 'succeeded',
    charge: { providerRef: 'kp', amountMinor, currency: 'TWD' },
  })),
  fc.constantFrom('100', '99').map((amountMinor): ChargeStatus => ({
    kind: 'authorized',
    charge: { providerRef: 'kp', amountMinor, currency: 'TWD' },
  })),
  fc.constantFrom<ChargeStatus>(
    { kind: 'declined', error },
    { kind: 'cancelled' },
    { kind: 'open' },
    { kind: 'processing' },
    { kind: 'not_found' },
    { kind: 'unknown', error },
  ),
);

test.each<[string, string, RegExp]>([
  ['250', 'USD', /2\.50 USD instead of the agreed 1\.00 USD/],
  ['250', 'XQZ', /250 of the smallest unit of XQZ instead of the agreed 1\.00 USD/],
])('another amount than was agreed is named as people read it: %s %s', (amountMinor, currency, words) => {
  const charge = { providerRef: 'kp_1', amountMinor, currency };
  for (const kind of ['succeeded', 'authorized'] as const) {
    const reaction = react(expected({ amountMinor: '100', currency: 'USD' }), { kind, charge });
    expect(reaction.kind === 'change' && reaction.error?.message).toMatch(words);
  }
});

test('whatever comes in whatever order: no step leaves the table, nothing leaves a final state, no money is lost', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<PaymentStatus>('pending', 'requires_action', 'processing', 'authorized', 'unknown'),
      fc.array(
        fc.record({
          news: anyNews,
          isCurrentAttempt: fc.boolean(),
          isLastAttempt: fc.boolean(),
          isTimeUp: fc.boolean(),
        }),
        {
          maxLength: 30,
        },
      ),
      (start, told) => {
        let status = start;
        let attemptStatus: AttemptStatus = 'sending';
        let kept: string | undefined;
        for (const { news, ...about } of told) {
          const wasFinal = isFinal(status);
          const reaction = react({ status, ...agreed, attemptStatus, ...about }, news);
          if (news.kind === 'succeeded' && !wasFinal) {
            // The first money that comes to an open payment ends it one way or the other, and is written down.
            expect(reaction).toMatchObject({ kind: 'change', charge: news.charge });
          }
          if (reaction.kind === 'nothing') continue;
          expect(wasFinal).toBe(false);
          expect(mayBecome(status, reaction.to)).toBe(true);
          if (reaction.to === 'authorized' && status !== 'authorized') {
            // Captures go to the current attempt, and take no more than was agreed.
            expect([about.isCurrentAttempt, news]).toMatchObject([true, { charge: agreed }]);
          }
          if (reaction.charge?.disposition === 'payment') kept = reaction.charge.amountMinor;
          status = reaction.to;
          if (about.isCurrentAttempt) attemptStatus = reaction.attempt;
        }
        expect(isPaid(status)).toBe(kept !== undefined);
        expect(kept ?? '100').toBe('100');
      },
    ),
    { numRuns: 2_000 },
  );
});

test('the table knows every state, leads nowhere unknown, and lets nobody out of an end without money', () => {
  expect(Object.keys(transitions).sort()).toEqual([...paymentStatuses].sort());
  for (const to of Object.values(transitions).flat()) expect(paymentStatuses).toContain(to);
  for (const end of ['failed', 'cancelled', 'expired', 'rejected'] as const)
    expect(transitions[end]).toEqual([]);
  for (const from of paymentStatuses.filter(isPaid)) expect(transitions[from].every(isPaid)).toBe(true);
});
