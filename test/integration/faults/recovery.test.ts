import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { createLostSteps } from '../../faults/recovery/lost-steps';
import { createRecoveries, recoveryFinding } from '../../faults/recovery/recoveries';
import { temporalAddress, temporalNamespace, uniqueTaskQueue } from '../../support/temporal';

/**
 * To Temporal a killed process is one that took something and is not heard of again: these workers take tasks by hand
 * and never answer. What a real worker would be configured with is asked for here directly, shortened.
 */
const namespace = temporalNamespace();
const boundMs = 4_000;
const killedPid = 99_000_001;
const otherPid = 99_000_002;
let connection: Connection;
let client: Client;

beforeAll(async () => {
  connection = await Connection.connect({ address: temporalAddress() });
  client = new Client({ connection, namespace });
});
afterAll(() => connection?.close());

function identityOf(pid: number): string {
  return `${pid}@here`;
}

function patiently<T>(poll: () => Promise<T>): Promise<T> {
  return connection.withDeadline(Date.now() + 8_000, poll);
}

function desk(taskTimeoutMs: number) {
  const queue = uniqueTaskQueue('recovery');
  const { workflowService } = connection;
  const place = { namespace, taskQueue: { name: queue } };
  const commandType = temporal.api.enums.v1.CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK;
  return {
    start: () =>
      client.workflow.start('story', {
        taskQueue: queue,
        workflowId: queue,
        workflowTaskTimeout: taskTimeoutMs,
        workflowExecutionTimeout: '1m',
      }),
    takeTask: (pid: number) =>
      patiently(() => workflowService.pollWorkflowTaskQueue({ ...place, identity: identityOf(pid) })),
    takeActivity: (pid: number) =>
      patiently(() => workflowService.pollActivityTaskQueue({ ...place, identity: identityOf(pid) })),
    /** Ends the task: with an activity that has to say every so often that it is alive. */
    callActivity: (taskToken: Uint8Array, heartbeatMs: number) =>
      workflowService.respondWorkflowTaskCompleted({
        namespace,
        taskToken,
        identity: identityOf(otherPid),
        commands: [
          {
            commandType,
            scheduleActivityTaskCommandAttributes: {
              activityId: '1',
              activityType: { name: 'askProvider' },
              taskQueue: { name: queue },
              startToCloseTimeout: { seconds: 45 as never },
              heartbeatTimeout: { seconds: (heartbeatMs / 1_000) as never },
              retryPolicy: { initialInterval: { seconds: 1 as never }, backoffCoefficient: 30 },
            },
          },
        ],
      }),
    /** Ends the task: the next one is to lie in a queue of this process's own first. */
    waitForNews: (taskToken: Uint8Array, pid: number) =>
      workflowService.respondWorkflowTaskCompleted({
        namespace,
        taskToken,
        identity: identityOf(pid),
        stickyAttributes: {
          workerTaskQueue: {
            name: `${identityOf(pid)}-${queue}`,
            kind: temporal.api.enums.v1.TaskQueueKind.TASK_QUEUE_KIND_STICKY,
            normalName: queue,
          },
          scheduleToStartTimeout: { seconds: 2 as never },
        },
      }),
    /** A queue that nobody has asked lately is passed by at once: its owner must have lived a moment ago. */
    askOwnQueue: (pid: number) =>
      connection
        .withDeadline(Date.now() + 3_000, () =>
          workflowService.pollWorkflowTaskQueue({
            namespace,
            identity: identityOf(pid),
            taskQueue: {
              name: `${identityOf(pid)}-${queue}`,
              kind: temporal.api.enums.v1.TaskQueueKind.TASK_QUEUE_KIND_STICKY,
              normalName: queue,
            },
          }),
        )
        .catch(() => undefined),
    endStory: (taskToken: Uint8Array) =>
      workflowService.respondWorkflowTaskCompleted({
        namespace,
        taskToken,
        identity: identityOf(otherPid),
        commands: [
          {
            commandType: temporal.api.enums.v1.CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
            completeWorkflowExecutionCommandAttributes: {},
          },
        ],
      }),
    failActivity: (taskToken: Uint8Array) =>
      workflowService.respondActivityTaskFailed({
        namespace,
        taskToken,
        identity: identityOf(otherPid),
        failure: { message: 'the provider does not say yet', applicationFailureInfo: {} },
      }),
    /** Looks as the fault run does, from the moment of the death on. */
    async watch() {
      const steps = createLostSteps(client, `ExecutionStatus = 'Running' AND TaskQueue = '${queue}'`);
      const { watch, measured } = createRecoveries(steps, { watchedMsMax: boundMs + 1_000 });
      await watch({ what: 'it', pid: killedPid, diedAtMs: Date.now() });
      return { ...recoveryFinding(measured, boundMs), measured };
    },
    end: () => client.workflow.getHandle(queue).terminate(),
  };
}

it.concurrent('a workflow task that somebody takes up in time', async () => {
  const { start, takeTask, watch, end } = desk(2_000);
  await start();
  await takeTask(killedPid);
  const again = takeTask(otherPid);
  expect(await watch()).toMatchObject({ checked: 1, offenders: [] });
  await again;
  await end();
});

it.concurrent('an activity that is tried again in time, and then has to wait for its provider', async () => {
  const { start, takeTask, callActivity, takeActivity, failActivity, watch, end } = desk(2_000);
  await start();
  await callActivity((await takeTask(otherPid)).taskToken, 2_000);
  await takeActivity(killedPid);
  const again = takeActivity(otherPid).then(({ taskToken }) => failActivity(taskToken));
  expect(await watch()).toMatchObject({ checked: 1, offenders: [] });
  await again;
  await end();
});

it.concurrent('an activity that nobody needs any more, for news have ended the story', async () => {
  const { start, takeTask, callActivity, takeActivity, endStory, watch } = desk(2_000);
  const workflow = await start();
  await callActivity((await takeTask(otherPid)).taskToken, 30_000);
  await takeActivity(killedPid);
  const watched = watch();
  await sleep(2_000);
  await workflow.signal('news');
  await endStory((await takeTask(otherPid)).taskToken);
  expect(await watched).toMatchObject({ checked: 1, offenders: [] });
});

it.concurrent('a task in the queue of the dead', async () => {
  const { start, takeTask, waitForNews, askOwnQueue, watch, endStory } = desk(2_000);
  const workflow = await start();
  await waitForNews((await takeTask(killedPid)).taskToken, killedPid);
  await askOwnQueue(killedPid);
  await workflow.signal('news');
  // Ended at once: when it was begun again can be read in the history only.
  const again = takeTask(otherPid).then(({ taskToken }) => endStory(taskToken));
  const { measured, ...finding } = await watch();
  expect(finding).toMatchObject({ checked: 1, offenders: [] });
  expect(measured[0]?.ms).toBeGreaterThan(1_500);
  await again;
});

it.concurrent('notices that the time-out of workflow tasks was raised', async () => {
  const { start, takeTask, watch, end } = desk(30_000);
  await start();
  await takeTask(killedPid);
  const again = takeTask(otherPid).catch(() => undefined);
  expect((await watch()).offenders).toEqual([expect.stringContaining('a workflow task of')]);
  await end();
  await again;
});

it.concurrent('notices that activities are given up on too late', async () => {
  const { start, takeTask, callActivity, takeActivity, watch, end } = desk(2_000);
  await start();
  await callActivity((await takeTask(otherPid)).taskToken, 30_000);
  await takeActivity(killedPid);
  expect((await watch()).offenders).toEqual([expect.stringContaining('askProvider of')]);
  await end();
});

it.concurrent('notices that nobody is left to go on', async () => {
  const { start, takeTask, watch, end } = desk(2_000);
  await start();
  await takeTask(killedPid);
  expect((await watch()).offenders).toEqual([expect.stringContaining('a workflow task of')]);
  await end();
});

it.concurrent('counts nothing that the dead one had finished', async () => {
  const { start, takeTask, waitForNews, watch, end } = desk(2_000);
  await start();
  await waitForNews((await takeTask(killedPid)).taskToken, killedPid);
  expect(await watch()).toMatchObject({ checked: 0, offenders: [] });
  await end();
});
