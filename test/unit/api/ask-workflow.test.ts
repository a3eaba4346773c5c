import { ServiceError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { createAskWorkflow } from '../../../api/ask-workflow';

const grpcError = (code: number, details: string) =>
  Object.assign(new Error(`${code}: ${details}`), { code, details, metadata: {} });
const tooLate = () =>
  new WorkflowUpdateRPCTimeoutOrCancelledError('late', { cause: grpcError(4, 'Deadline exceeded') });
const full = () =>
  new ServiceError('Workflow Update failed', {
    cause: grpcError(8, 'limit on number of concurrent in-flight updates has been reached (10)'),
  });

interface Update {
  result(): Promise<string>;
}

/** Temporal, as far as a question meets it. */
function asking(startUpdate: () => Promise<Update>, withinMs = 1_000) {
  const client = {
    connection: { withDeadline: (_deadline: number, work: () => Promise<unknown>) => work() },
    workflow: { getHandle: () => ({ startUpdate }) },
  };
  const ask = createAskWorkflow(client as never);
  return () =>
    ask<string, string>({
      ...{ workflowId: 'payment/test/m/o', update: 'command', asked: 'tea', updateId: 'c1' },
      deadline: Date.now() + withinMs,
    });
}

test('what is done is told', async () => {
  const ask = asking(async () => ({ result: async () => 'poured' }));
  expect(await ask()).toEqual({ kind: 'done', result: 'poured' });
});

test('what is taken goes on', async () => {
  const ask = asking(async () => ({ result: () => Promise.reject(tooLate()) }));
  expect(await ask()).toEqual({ kind: 'under_way' });
});

test('of what was not taken in time nobody knows', async () => {
  const ask = asking(() => Promise.reject(tooLate()));
  await expect(ask()).rejects.toMatchObject({ code: 'command_outcome_unknown' });
});

test('what is too much for Temporal is told as that', async () => {
  const ask = asking(() => Promise.reject(full()));
  await expect(ask()).rejects.toMatchObject({ code: 'too_many_commands' });
});

test('what would be too much is not sent, and told as that', async () => {
  let sent = 0;
  const never = new Promise<Update>(() => {});
  const ask = asking(() => {
    sent += 1;
    return never;
  }, 40);
  for (let begun = 0; begun < 5; begun += 1) void ask();
  await expect(ask()).rejects.toMatchObject({ code: 'too_many_commands' });
  expect(sent).toBe(5);
});

test('any other error is nobody’s here', async () => {
  const ask = asking(() => Promise.reject(grpcError(14, 'No connection established')));
  await expect(ask()).rejects.toThrow('No connection established');
});
