import fc from '../../support/properties';
import type { RefundOutcome, RefundStatus as RefundNews } from '../../../domain/payment/outcome';
import type { OperatorsWord } from '../../../domain/refund/resolution';
import { isCertainOfRefund, reactToRefund } from '../../../domain/refund/react';
import {
  isRefundOver,
  refundMayBecome,
  refundStatuses,
  type RefundStatus,
} from '../../../domain/refund/status';

const asked = { amountMinor: '4000', currency: 'TWD' };
const done: RefundNews = { kind: 'succeeded', refund: { providerRef: 'kr_1', ...asked } };
const error = { code: 'refund_failed', message: 'KPay could not give the money back.' };

test.each<[string, RefundStatus, RefundOutcome | RefundNews | OperatorsWord, RefundStatus | undefined]>([
  ['done at once', 'pending', done, 'succeeded'],
  ['done later', 'processing', done, 'succeeded'],
  ['done after all', 'unknown', done, 'succeeded'],
  ['the channel has it', 'pending', { kind: 'pending' }, 'processing'],
  ['the channel still has it', 'processing', { kind: 'pending' }, undefined],
  ['declined', 'pending', { kind: 'declined', error }, 'failed'],
  ['declined in the end', 'processing', { kind: 'declined', error }, 'failed'],
  ['nobody knows', 'pending', { kind: 'unknown', error }, 'unknown'],
  ['it never arrived', 'unknown', { kind: 'not_found' }, 'pending'],
  ['the channel is away', 'pending', { kind: 'unavailable', error }, undefined],
  [
    'the channel is away, and an earlier call may have arrived',
    'unknown',
    { kind: 'unavailable', error },
    undefined,
  ],
  ['an operator says it was made', 'unknown', { kind: 'made' }, 'succeeded'],
  ['an operator says it was not made', 'unknown', { kind: 'not_made' }, 'failed'],
  ['an operator’s word after its end', 'failed', { kind: 'made' }, undefined],
  ['done, told again', 'succeeded', done, undefined],
  ['declined after it was done', 'succeeded', { kind: 'declined', error }, undefined],
  ['done after it was declined', 'failed', done, undefined],
])('%s', (_name, status, news, to) => {
  const reaction = reactToRefund({ status, ...asked }, news);
  expect(reaction.kind === 'change' ? reaction.to : undefined).toBe(to);
});

test.each([{ amountMinor: '3999' }, { currency: 'USD' }])(
  'another sum than asked for is never a success',
  (over) => {
    const news: RefundNews = { kind: 'succeeded', refund: { providerRef: 'kr_1', ...asked, ...over } };
    expect(reactToRefund({ status: 'processing', ...asked }, news)).toMatchObject({
      kind: 'change',
      to: 'unknown',
      error: { code: 'amount_mismatch' },
    });
  },
);

test.each<[RefundOutcome | RefundNews, boolean]>([
  [done, true],
  [{ kind: 'declined', error }, true],
  [{ kind: 'pending' }, true],
  [{ kind: 'unknown', error }, false],
  [{ kind: 'unavailable', error }, false],
  [{ kind: 'not_found' }, false],
  [{ kind: 'succeeded', refund: { providerRef: 'kr_1', ...asked, amountMinor: '1' } }, false],
])('of a refund in doubt, whether the channel knows: %j', (news, isCertain) => {
  expect(isCertainOfRefund(reactToRefund({ status: 'unknown', ...asked }, news))).toBe(isCertain);
});

const anyNews = fc.constantFrom<RefundOutcome | RefundNews>(
  done,
  { kind: 'pending' },
  { kind: 'declined', error },
  { kind: 'unknown', error },
  { kind: 'unavailable', error },
  { kind: 'not_found' },
);

test('whatever comes in whatever order, what has ended stays as it is', () => {
  fc.assert(
    fc.property(fc.array(anyNews, { maxLength: 12 }), (told) => {
      let status: RefundStatus = 'pending';
      for (const news of told) {
        const reaction = reactToRefund({ status, ...asked }, news);
        if (reaction.kind === 'nothing') continue;
        expect(isRefundOver(status)).toBe(false);
        expect(refundMayBecome(status, reaction.to)).toBe(true);
        status = reaction.to;
      }
    }),
  );
});

test('a refund that is not over can still succeed and fail', () => {
  for (const status of refundStatuses.filter((one) => !isRefundOver(one))) {
    expect(refundMayBecome(status, 'succeeded')).toBe(true);
    expect(refundMayBecome(status, 'failed')).toBe(true);
  }
});
