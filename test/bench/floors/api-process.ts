import type { AddressInfo } from 'node:net';
import { Client, WithStartWorkflowOperation } from '@temporalio/client';
import express from 'express';
import { floorSettings, type FloorAnswer, type FloorInput } from './contracts';
import { createFloorWorker, runUntilStopped } from './worker';
import { eagerFloor, opened, paid, updateWithStartFloor } from './workflows';

const answerWithinMs = 4_500;

async function main(): Promise<void> {
  const settings = floorSettings();
  const waiters = new Map<string, (answer: FloorAnswer) => void>();
  const floorWorker = await createFloorWorker(settings, (orderId) =>
    waiters.get(orderId)?.({ status: 'requires_action', orderId }),
  );
  const { connection } = floorWorker;
  const client = new Client({ connection, namespace: settings.namespace });
  const options = { taskQueue: settings.taskQueue, workflowTaskTimeout: '5s' } as const;
  const workflowId = (orderId: string): string => `${settings.taskQueue}/${orderId}`;

  async function byUpdateWithStart(input: FloorInput): Promise<FloorAnswer> {
    const startWorkflowOperation = new WithStartWorkflowOperation(updateWithStartFloor, {
      ...options,
      workflowId: workflowId(input.orderId),
      workflowIdConflictPolicy: 'FAIL',
      args: [input],
    });
    return client.workflow.executeUpdateWithStart(opened, { startWorkflowOperation });
  }

  async function byEagerStart(input: FloorInput): Promise<FloorAnswer> {
    const answer = new Promise<FloorAnswer>((resolve, reject) => {
      waiters.set(input.orderId, resolve);
      setTimeout(() => reject(new Error('no answer was handed over')), answerWithinMs).unref();
    });
    try {
      const started = client.workflow.start(eagerFloor, {
        ...options,
        workflowId: workflowId(input.orderId),
        requestEagerStart: true,
        args: [input],
      });
      const [handedOver] = await Promise.all([answer, started]);
      return handedOver;
    } finally {
      waiters.delete(input.orderId);
    }
  }

  const open = settings.kind === 'eager' ? byEagerStart : byUpdateWithStart;
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json());
  app.post('/payments', async (request, response) => {
    response.status(201).json(await open(request.body as FloorInput));
  });
  app.post('/webhooks', (request, response) => {
    const { orderId } = request.body as FloorInput;
    response.send('OK');
    client.workflow
      .getHandle(workflowId(orderId))
      .signal(paid)
      .catch((error: unknown) => console.error('signal failed', orderId, error));
  });
  const server = app.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    runUntilStopped(floorWorker, { url: `http://127.0.0.1:${port}` }).then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  // While the others have their turns its callers keep their connections, and must not find them closed.
  server.keepAliveTimeout = 65_000;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
