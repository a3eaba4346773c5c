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
import { until } from '../../support/until';

const log = createLog({ level: 'silent', process: 'test' });

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
    log,
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

describe('of one orderId, asked for more than once', () => {
  const refusal = 'quote_used' as const;

  /** Nothing of it is written down. */
  async function unwritten() {
    const { request, answers } = await begun('eager');
    return { request: { ...request, orderId: 'coffee' }, answers };
  }

  type Unwritten = Awaited<ReturnType<typeof unwritten>>;

  const startWith = ({ answers }: Unwritten, startWorkflow: StartPaymentDeps['startWorkflow']) =>
    createStartPayment({
      ...{ database, answers, startWorkflow, answerWithinMs: 60_000, log },
    });

  const refuse = ({ answers }: Unwritten, request: PaymentRequest) =>
    answers.deliver(workflowOf(request), { kind: 'refused', request, refusal });

  test('a start that joined a run of another process, which was refused, is sent again and has its own answer', async () => {
    const stage = await unwritten();
    let sent = 0;
    const start = startWith(stage, (request) => {
      sent += 1;
      if (sent === 1) return Promise.resolve('duplicate');
      refuse(stage, request);
      return Promise.resolve('eager');
    });
    await expect(start(stage.request)).resolves.toEqual({ kind: 'refused', refusal });
    expect(sent).toBe(2);
  });

  test('a start that joined a run of this process hears at once that the same request is refused', async () => {
    const stage = await unwritten();
    const start = startWith(stage, (request) => {
      refuse(stage, { ...request, paymentId: newId() });
      return Promise.resolve('duplicate');
    });
    await expect(start(stage.request)).resolves.toEqual({ kind: 'refused', refusal });
  });

  test('what another asked for under the orderId and is refused is no answer to a start with a run of its own', async () => {
    const { request, stored, answers, goesOn } = await begun('eager');
    const stage = { request, answers };
    const start = startWith(stage, () => {
      refuse(stage, { ...request, paymentId: newId() });
      return Promise.resolve('eager');
    });
    const started = start(request);
    await goesOn();
    await expect(started).resolves.toMatchObject({ kind: 'payment', request: stored.request });
  });

  test('what is refused of another content is no answer to a start that joined its run', async () => {
    const stage = await unwritten();
    let sent = 0;
    const start = startWith(stage, (request) => {
      sent += 1;
      if (sent === 1) refuse(stage, { ...request, paymentId: newId(), requestHash: 'another' });
      else void insertPayment(database, { merchantId: request.merchantId, orderId: request.orderId });
      return Promise.resolve(sent === 1 ? 'duplicate' : 'elsewhere');
    });
    const started = start(stage.request);
    await until('it is sent again', () => sent === 2);
    await database.query(
      `update payments set status = 'requires_action', version = version + 1 where order_id = $1`,
      [stage.request.orderId],
    );
    await expect(started).resolves.toMatchObject({ kind: 'payment' });
  });
});
