import { startPlatform, type Platform } from '../support/platform';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ settings: { WORKFLOW_CALL_STACKS: 'true' } });
});
afterAll(() => platform?.close());

it('with the setting for it Temporal UI is told where in its code a payment waits', async () => {
  const { orderId } = await platform.openPayment();
  const handle = platform.temporal.workflow.getHandle(platform.workflowId(orderId));
  await expect(handle.query('__stack_trace')).resolves.toMatch(/workflows\/payment\S*\.ts:\d+/);
});
