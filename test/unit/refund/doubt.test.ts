import { doubtAfterEnd, doubtOfCharge, doubtOfUnasked } from '../../../domain/refund/doubt';
import { refundStatuses } from '../../../domain/refund/status';
import type { RefundStatus as RefundNews } from '../../../domain/payment/outcome';

const sum = { amount: 4_000n, currency: 'USD' };
const made = (over: object = {}): RefundNews => ({
  kind: 'succeeded',
  refund: { providerRef: 'kr_1', amountMinor: '4000', currency: 'USD', ...over },
});
const error = { code: 'refund_failed', message: 'KPay could not give the money back.' };
const failed: RefundNews = { kind: 'declined', error };
const inBetween: RefundNews[] = [{ kind: 'pending' }, { kind: 'unknown', error }, { kind: 'not_found' }];

test('the other end than the one it had is in doubt, and so is another sum', () => {
  expect(doubtAfterEnd({ ...sum, status: 'succeeded' }, failed)).toMatch(/40\.00 USD did not reach/);
  expect(doubtAfterEnd({ ...sum, status: 'failed' }, made())).toMatch(/40\.00 USD went to the customer/);
  expect(doubtAfterEnd({ ...sum, status: 'succeeded' }, made({ amountMinor: '1' }))).toMatch(
    /says 0\.01 USD/,
  );
  expect(doubtAfterEnd({ ...sum, status: 'succeeded' }, made({ currency: 'QQQ' }))).toMatch(
    /says 4000 of the smallest unit of QQQ/,
  );
});

test('the same end, and what is said before an end, is not', () => {
  expect(doubtAfterEnd({ ...sum, status: 'succeeded' }, made())).toBeUndefined();
  expect(doubtAfterEnd({ ...sum, status: 'failed' }, failed)).toBeUndefined();
  for (const status of refundStatuses) {
    for (const news of inBetween) expect(doubtAfterEnd({ ...sum, status }, news)).toBeUndefined();
  }
});

test.each(['pending', 'processing', 'unknown'] as const)('a refund that is %s is not over', (status) => {
  for (const news of [made(), made({ amountMinor: '1' }), failed]) {
    expect(doubtAfterEnd({ ...sum, status }, news)).toBeUndefined();
  }
});

test('of a refund that nobody asked for only its end counts', () => {
  expect(doubtOfUnasked(made())).toMatch(/^It is about a refund of 40\.00 USD that was not asked for here/);
  expect(doubtOfUnasked(failed)).toMatch(/says that it failed \(refund_failed\)/);
  for (const news of inBetween) expect(doubtOfUnasked(news)).toBeUndefined();
});

test('a refund is of the charge that it was asked for, by whichever name its channel gives', () => {
  const known = { chargeReference: 'pay_1-1', chargeRef: 'pi_1' };
  for (const told of [{}, { chargeReference: 'pay_1-1' }, { chargeRef: 'pi_1' }, known]) {
    expect(doubtOfCharge(told, known)).toBeUndefined();
  }
  expect(doubtOfCharge({ chargeReference: 'pay_2-1' }, known)).toMatch(/of another charge, pay_2-1:/);
  expect(doubtOfCharge({ chargeRef: 'pi_2' }, known)).toMatch(/of another charge, pi_2:/);
});
