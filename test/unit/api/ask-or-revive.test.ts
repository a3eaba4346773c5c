import { ServiceError, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { askOrRevive } from '../../../api/ask-or-revive';

const gone = () => new WorkflowNotFoundError('gone', 'payment/test/m/o', undefined);
const taskLost = () =>
  new ServiceError('Workflow Update failed', {
    cause: new Error(
      '9 FAILED_PRECONDITION: Unable to perform workflow execution update due to unexpected workflow task failure.',
    ),
  });

const endedWithIt = () =>
  new WorkflowUpdateFailedError(
    'Workflow Update failed',
    ApplicationFailure.create({ type: 'AcceptedUpdateCompletedWorkflow' }),
  );

/** A thing whose workflow is not there for the first `lost` times it is asked. */
function thing({
  lost,
  by = gone,
  ended,
}: {
  lost: number;
  by?: () => Error;
  ended?: (looks: number) => string | undefined;
}) {
  const did: string[] = [];
  let looks = 0;
  const answer = askOrRevive(
    () => {
      did.push('ask');
      return did.filter((what) => what === 'ask').length <= lost
        ? Promise.reject(by())
        : Promise.resolve('done');
    },
    {
      whatEnded: () => Promise.resolve(ended?.((looks += 1))),
      revive: () => Promise.resolve(did.push('revive')),
    },
  );
  return { answer, did };
}

test('what is there is asked once', async () => {
  const { answer, did } = thing({ lost: 0 });
  await expect(answer).resolves.toBe('done');
  expect(did).toEqual(['ask']);
});

test('what Temporal has lost is given a workflow and asked again', async () => {
  const { answer, did } = thing({ lost: 1 });
  await expect(answer).resolves.toBe('done');
  expect(did).toEqual(['ask', 'revive', 'ask']);
});

test('so is what was ended by hand with the question accepted: it would be told for ever that it can’t be answered', async () => {
  const { answer, did } = thing({ lost: 1, by: endedWithIt });
  await expect(answer).resolves.toBe('done');
  expect(did).toEqual(['ask', 'revive', 'ask']);
});

test('what has just ended is answered, and gets no other workflow', async () => {
  const { answer, did } = thing({ lost: 1, ended: () => 'closed' });
  await expect(answer).resolves.toBe('closed');
  expect(did).toEqual(['ask']);
});

test('what ends while it is given a workflow is answered as well', async () => {
  const { answer, did } = thing({ lost: 9, ended: (looks) => (looks > 1 ? 'closed' : undefined) });
  await expect(answer).resolves.toBe('closed');
  expect(did).toEqual(['ask', 'revive', 'ask']);
});

test('what is lost again and again is given up', async () => {
  const { answer, did } = thing({ lost: 9 });
  await expect(answer).rejects.toThrow(WorkflowNotFoundError);
  expect(did).toEqual(['ask', 'revive', 'ask', 'revive', 'ask']);
});

test('what was lost with a task is asked again, and gets no other workflow', async () => {
  const { answer, did } = thing({ lost: 2, by: taskLost });
  await expect(answer).resolves.toBe('done');
  expect(did).toEqual(['ask', 'ask', 'ask']);
});

test('what ended with the task that was lost is answered', async () => {
  const { answer, did } = thing({ lost: 9, by: taskLost, ended: () => 'closed' });
  await expect(answer).resolves.toBe('closed');
  expect(did).toEqual(['ask']);
});

test('another error is nobody else’s to answer', async () => {
  const broken = () => Promise.reject(new Error('broken'));
  const never = () => Promise.reject(new Error('not asked for'));
  await expect(askOrRevive(broken, { whatEnded: never, revive: never })).rejects.toThrow('broken');
});
