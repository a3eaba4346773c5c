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

interface Said {
  code: string;
  rawCode?: string;
}

test.each<[AttemptStatus, Said | null, boolean]>([
  ['planned', null, true],
  ['unavailable', { code: 'channel_switched_off' }, true],
  ['unavailable', { code: 'channel_not_configured' }, true],
  ['unavailable', { code: 'circuit_open' }, true],
  ['unavailable', { code: 'channel_busy' }, true],
  ['unavailable', { code: 'connection_refused' }, true],
  ['unavailable', { code: 'rate_limited' }, true],
  ['unavailable', { code: 'rate_limited', rawCode: 'HTTP 429' }, false],
  ['unavailable', { code: 'amount_not_supported' }, true],
  ['unavailable', { code: 'amount_not_supported', rawCode: 'amount_out_of_range' }, false],
  ['unavailable', { code: 'channel_unavailable', rawCode: 'HTTP 503' }, false],
  ['unavailable', { code: 'never_arrived' }, false],
  ['unknown', { code: 'circuit_open' }, false],
  ['unknown', { code: 'channel_not_configured' }, false],
  ['declined', { code: 'card_declined' }, false],
  ['cancelled', null, false],
])('%s with %j: nothing was sent is %s', (status, error, isSure) => {
  expect(isUncalled(status, error)).toBe(isSure);
});
