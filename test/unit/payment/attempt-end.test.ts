import { attemptEnd } from '../../../domain/payment/attempt-end';
import type { AttemptStatus } from '../../../domain/payment/react';
import { isUncalled } from '../../../domain/payment/uncalled';

test.each<AttemptStatus>(['declined', 'unavailable', 'cancelled', 'expired', 'succeeded'])(
  'an attempt that is %s stays so when its payment ends',
  (status) => expect(attemptEnd(status, 'cancelled')).toBeUndefined(),
);

test.each<AttemptStatus>(['sending', 'action_required', 'processing', 'authorized', 'unknown'])(
  'an attempt that is %s ends with its payment',
  (status) => expect(attemptEnd(status, 'expired')).toEqual({ status: 'expired' }),
);

test.each(['cancelled', 'expired'] as const)('one that was only planned is %s and was never sent', (as) => {
  const ended = attemptEnd('planned', as);
  expect(ended).toMatchObject({ status: as, error: { code: 'not_called' } });
  expect(isUncalled(as, ended?.error)).toBe(true);
});

test.each<[AttemptStatus, string | undefined, boolean]>([
  ['planned', undefined, true],
  ['unavailable', 'channel_switched_off', true],
  ['unavailable', 'channel_not_configured', true],
  ['unavailable', 'channel_unavailable', false],
  ['unknown', 'channel_not_configured', false],
  ['declined', 'card_declined', false],
  ['cancelled', undefined, false],
])('%s with %s: nothing was sent is %s', (status, code, isSure) => {
  expect(isUncalled(status, code === undefined ? null : { code })).toBe(isSure);
});
