import { startPaymentStage, type PaymentStage, type StagedPayment } from '../../support/payment-stage';
import { scriptedChannel } from '../../support/scripted-channel';
import { until } from '../../support/until';

let stage: PaymentStage;
// Long enough for a busy machine: what came too late would be found out by who began the second task.
beforeAll(async () => {
  stage = await startPaymentStage(scriptedChannel(), { firstNewsWithinMs: 2_000 });
});
afterAll(() => stage?.stop());

const charge = { providerRef: 'ch_1', amountMinor: '10000', currency: 'USD' };

/** Who asked Temporal to begin each workflow task: the task before it, or a worker that found it in its queue. */
async function tasksBegunBy({ handle }: StagedPayment): Promise<('the task before' | 'a worker')[]> {
  const { events } = await handle.fetchHistory();
  const starts = (events ?? []).flatMap((event) => event.workflowTaskStartedEventAttributes ?? []);
  return starts.map(({ requestId }) =>
    requestId === 'request-from-RespondWorkflowTaskCompleted' ? 'the task before' : 'a worker',
  );
}

test('news that comes while the first step is there is taken in by the next task at once', async () => {
  const payment = await stage.start({ isAwaited: true });
  await payment.tell(1, { kind: 'succeeded', charge });
  expect(stage.firstNews.deliver(payment.handle.workflowId, 'news')).toBe(true);
  await payment.handle.result();
  expect(await payment.states()).toEqual(['pending', 'requires_action', 'succeeded']);
  expect(await tasksBegunBy(payment)).toEqual(['a worker', 'the task before']);
  expect(stage.firstNews.deliver(payment.handle.workflowId, 'news')).toBe(false);
});

test('a merchant who cancels at once waits for no news', async () => {
  const payment = await stage.start({ isAwaited: true });
  expect(stage.firstNews.deliver(payment.handle.workflowId, 'news')).toBe(true);
  await payment.ask({ kind: 'cancel', reason: 'seen' });
  expect((await payment.handle.result()) as object).toMatchObject({ status: 'cancelled' });
});

test('only so many stay as may, and who goes makes room', async () => {
  const staying: (() => void)[] = [];
  const within = () => new Promise<'news'>((resolve) => staying.push(() => resolve('news')));
  const wait = jest.spyOn(stage.firstNews, 'wait').mockReturnValue({ within, leave: () => undefined });
  const first = await stage.start({ isAwaited: true });
  await until('the first stays', () => staying.length === 1);
  const second = await stage.start({ isAwaited: true });
  await second.tell(1, { kind: 'succeeded', charge: { ...charge, providerRef: 'ch_2' } });
  await second.handle.result();
  expect(staying).toHaveLength(1);

  staying[0]?.();
  await first.tell(1, { kind: 'succeeded', charge: { ...charge, providerRef: 'ch_3' } });
  await first.handle.result();
  await stage.start({ isAwaited: true });
  await until('the third stays', () => staying.length === 2);
  staying[1]?.();
  wait.mockRestore();
});
