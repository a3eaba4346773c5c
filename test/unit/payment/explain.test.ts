import { explain, type Explained } from '../../../domain/payment/explain';
import type { ExplainedDispute } from '../../../domain/payment/explain-dispute';

const dueAt = '2026-11-30T00:00:00.000Z';
const payment = (over: Partial<Explained>): Explained => ({
  status: 'expired',
  channel: 'kpay',
  attemptStatus: 'expired',
  expiresAt: '2026-11-21T00:00:00.000Z',
  attemptNo: 1,
  ...over,
});
const disputed = (over: Partial<ExplainedDispute>) =>
  explain(
    payment({
      status: 'disputed',
      attemptStatus: 'succeeded',
      dispute: {
        ...{ id: 'dsp_1', channel: 'kpay', status: 'needs_response', reasonCode: 'fraudulent' },
        ...{ isReminded: false, evidenceDueAt: dueAt },
        ...over,
      },
    }),
  );

test('what has ended waits for nothing, unless its charge is still open at the channel', () => {
  expect(explain(payment({})).next).toEqual([]);
  for (const attemptStatus of ['action_required', 'authorized']) {
    expect(explain(payment({ attemptStatus })).next).toEqual([
      {
        what: 'kpay is asked until its charge is over; what is paid there now is held in suspense.',
        by: null,
      },
    ]);
  }
});

test.each<[string, Partial<ExplainedDispute>, RegExp, (string | null)[]]>([
  [
    'new',
    { wakeAt: '2026-11-29T00:00:00.000Z' },
    /no evidence/,
    [dueAt, '2026-11-29T00:00:00.000Z', dueAt, null],
  ],
  ['reminded of', { isReminded: true, wakeAt: dueAt }, /no evidence/, [dueAt, dueAt, null]],
  ['without a deadline', { evidenceDueAt: undefined }, /no evidence/, [null, null]],
  ['before the bank', { status: 'under_review' }, /the bank is looking/, [null]],
  ['lost', { status: 'lost' }, /given the money back to the customer \(fraudulent\)/, []],
])('a dispute that is %s', (_what, over, why, moments) => {
  const told = disputed(over);
  expect(told.why).toMatch(why);
  expect(told.next.map(({ by }) => by)).toEqual(moments);
});

test('a disputed payment whose dispute is not known is still explained', () => {
  const told = explain(payment({ status: 'disputed', attemptStatus: 'succeeded' }));
  expect(told).toEqual({ why: 'It was paid, and the customer disputes it at the bank.', next: [] });
});
