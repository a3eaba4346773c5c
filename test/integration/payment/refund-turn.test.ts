import { createRefundTurn } from '../../../activities/refund/turn';
import { newId } from '../../../db/ids';
import { createPool, type Database } from '../../../db/pool';
import {
  changeRefund,
  insertRefund,
  loadRefund,
  markRefundUnsent,
  type StoredRefund,
} from '../../../db/stores/refunds-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { insertPayment } from '../../support/payments';

let fresh: FreshDatabase;
let database: Database;
let paymentId: string;
const merchantId = newId();
beforeAll(async () => {
  fresh = await freshDatabase();
  database = createPool({ url: fresh.ownerUrl, size: 8, statementTimeoutMs: 10_000, name: 'test' });
});
afterAll(async () => {
  await database.end();
  await fresh.drop();
});
beforeEach(async () => {
  paymentId = await insertPayment(database, { merchantId, orderId: newId() });
});

const timings = {
  channelFastTimeoutMs: 500,
  channelTimeoutMs: 5_000,
  answerWithinMs: 1,
  firstNewsWithinMs: 100,
  refundDoubtMs: 3_600_000,
  keepHistoryAfterMs: 1,
};
const take = (refund: StoredRefund) => createRefundTurn({ database, timings })(refund);

async function aRefund(): Promise<StoredRefund> {
  const id = newId();
  await insertRefund(database, {
    id,
    paymentId,
    merchantId,
    mode: 'test',
    amount: 10n,
    wantsAll: false,
    currency: 'USD',
    reason: '',
    kind: 'merchant',
    requestHash: '00'.repeat(32),
    requestedBy: { role: 'merchant' },
    wakeAt: new Date(),
  });
  return (await loadRefund(database, id))!;
}

const sentBefore = (refund: StoredRefund, ms: number) =>
  database.query(`update refunds set sent_at = now() - $2 * interval '1 millisecond' where id = $1`, [
    refund.id,
    ms,
  ]);

it('of many at once one has the turn, and keeps it until it is over', async () => {
  const refunds = await Promise.all(Array.from({ length: 6 }, aRefund));
  const taken = await Promise.all(refunds.map(take));
  expect(taken.filter((turn) => turn === 'taken')).toHaveLength(1);
  const first = refunds[taken.indexOf('taken')]!;
  const second = refunds[taken.indexOf('not_yet')]!;
  await sentBefore(first, 60_000);
  expect(await take(second)).toBe('not_yet');
  await changeRefund(database, { refundId: first.id, to: 'failed', isOver: true });
  expect(await take(second)).toBe('taken');
});

it('is not sent again while a call before it may still be carried out', async () => {
  const refund = await aRefund();
  expect(await take(refund)).toBe('taken');
  expect(await take(refund)).toBe('not_yet');
  await sentBefore(refund, 6_000);
  expect(await take(refund)).toBe('in_doubt');
  await sentBefore(refund, 3_590_000);
  expect(await take(refund)).toBe('in_doubt');
  await sentBefore(refund, 3_601_000);
  expect(await take(refund)).toBe('taken');
});

it('is sent again at once when the answer was that nothing was done', async () => {
  const refund = await aRefund();
  expect(await take(refund)).toBe('taken');
  await markRefundUnsent(database, refund.id);
  expect(await take(refund)).toBe('taken');
});

it('does not wait for another payment’s', async () => {
  const refund = await aRefund();
  expect(await take(refund)).toBe('taken');
  paymentId = await insertPayment(database, { merchantId, orderId: newId() });
  expect(await take(await aRefund())).toBe('taken');
});
