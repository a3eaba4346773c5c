import { createDesk } from '../../../activities/payment/desk';
import { createStartPayment, type StartPaymentDeps } from '../../../api/routes/payments/start-payment';
import { newId } from '../../../db/ids';
import { createPool, type Database } from '../../../db/pool';
import { loadPaymentById } from '../../../db/stores/payments-store';
import type { AnswerDesk } from '../../../domain/payment/answer';
import type { PaymentRequest } from '../../../domain/payment/request';
import { paymentWorkflowId } from '../../../domain/payment/reference';
import { createLog } from '../../../telemetry/log';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { insertPayment } from '../../support/payments';

let fresh: FreshDatabase;
let database: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = createPool({ url: fresh.url, size: 2, statementTimeoutMs: 5_000, name: 'test' });
});
afterAll(async () => {
  await database.end();
  await fresh.drop();
});

/** A payment whose row is there and says `status`, and what is needed to start it. */
async function begun(where: 'eager' | 'elsewhere', { waitersMax = 10 } = {}) {
  const id = await insertPayment(database, { merchantId: newId(), orderId: 'tea' });
  const stored = await loadPaymentById(database, id);
  if (stored === undefined) throw new Error('no payment');
  const answers: AnswerDesk = createDesk(waitersMax);
  const deps: StartPaymentDeps = {
    database,
    answers,
    startWorkflow: () => Promise.resolve(where),
    log: createLog({ level: 'silent', process: 'test' }),
    answerWithinMs: 60_000,
  };
  const goesOn = () =>
    database.query(`update payments set status = 'requires_action', version = version + 1 where id = $1`, [
      id,
    ]);
  return { request: stored.request, stored, answers, start: createStartPayment(deps), goesOn };
}

const workflowOf = ({ mode, merchantId, orderId }: PaymentRequest) =>
  paymentWorkflowId(mode, merchantId, orderId);

test('what the workflow hands over in this process is the answer', async () => {
  const { request, stored, answers, start } = await begun('eager');
  const started = start(request);
  answers.deliver(workflowOf(request), { kind: 'payment', request, state: stored.state });
  await expect(started).resolves.toMatchObject({
    kind: 'payment',
    isNew: true,
    state: { status: 'pending' },
  });
});

test.each([
  ['was begun elsewhere', 'elsewhere', 10],
  ['was begun here and went on in another process', 'eager', 10],
  ['finds too many waiting already', 'eager', 0],
] as const)(
  'a start that %s is answered from its row, long before its time is over',
  async (_, where, waitersMax) => {
    const { request, start, goesOn } = await begun(where, { waitersMax });
    const started = start(request);
    await goesOn();
    await expect(started).resolves.toMatchObject({
      kind: 'payment',
      isNew: true,
      state: { status: 'requires_action' },
    });
  },
);
