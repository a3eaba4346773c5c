import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from '@temporalio/worker';
import { createEagerStart } from '../activities/payment/workflow-starter';
import { loadSettings, type Settings } from '../config/settings';
import { createContainer, type Container } from '../workers/container';
import { runProcess, type RunningProcess } from '../workers/run-process';
import { workerOptions } from '../workers/worker-options';
import { workflowBundle } from '../workers/bundle';
import { createApp } from './app';
import { createPaymentRoutes } from './routes/payments/routes';
import { createStartPayment } from './routes/payments/start-payment';
import { createWebhookRouter } from './webhooks/receive';

export interface RunningApi extends RunningProcess {
  port: number;
}

/** The API process. It hosts a worker for payments too: only so can a payment start within one round trip. */
export async function startApi(settings: Settings): Promise<RunningApi> {
  const bundleFile = await workflowBundle(settings.WORKFLOW_BUNDLE);
  const container = await createContainer(settings, 'api');
  const worker = await Worker.create(
    workerOptions(settings, container.temporal, {
      taskQueue: container.queues.payments,
      bundleFile,
      activities: container.paymentActivities,
    }),
  );
  const running = worker.run();
  const server = await listen(settings, container);
  container.log.info({ host: settings.API_HOST, port: settings.API_PORT }, 'api is ready');

  return {
    log: container.log,
    port: (server.address() as AddressInfo).port,
    failed: running,
    async stop() {
      await drain(server, settings.SHUTDOWN_GRACE_MS);
      // Only now: until the last request is answered, its workflow task must be able to finish here.
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
      await container.close();
    },
  };
}

if (require.main === module) void runProcess('api', () => startApi(loadSettings()));

function listen(settings: Settings, container: Container): Promise<Server> {
  const app = createApp({
    settings,
    database: container.database,
    log: container.log,
    metrics: container.metrics,
    secretBox: container.secretBox,
    routes: routesOf(container),
    webhooks: createWebhookRouter({
      database: container.database,
      channelOf: container.channels.channelOf,
      deliverEvent: container.deliverEvent,
      log: container.log,
      publicUrl: settings.API_PUBLIC_URL,
      bodyBytesMax: settings.API_BODY_BYTES_MAX,
      newId: container.newId,
      counted: countWebhooks(container),
    }),
  });
  return new Promise((resolve, reject) => {
    const server = app.listen(settings.API_PORT, settings.API_HOST, (error?: Error) =>
      error === undefined ? resolve(server) : reject(error),
    );
    server.requestTimeout = 30_000;
    server.headersTimeout = 10_000;
    server.keepAliveTimeout = 65_000;
  });
}

function routesOf(container: Container) {
  const { settings, database, answers, temporal, queues, startTimings, log } = container;
  return [
    ...createPaymentRoutes({
      database,
      setupOf: container.setupOf,
      route: container.route,
      newId: container.newId,
      startPayment: createStartPayment({
        database,
        answers,
        log,
        answerWithinMs: settings.PAYMENT_ANSWER_WITHIN_MS,
        startWorkflow: createEagerStart(temporal.client, queues, startTimings),
      }),
    }),
  ];
}

function countWebhooks({ metrics }: Container): (outcome: string, channel: string) => void {
  const webhooks = metrics.counter({
    name: 'durapay_webhooks_total',
    help: 'Events that providers sent, by channel and what became of them.',
    labels: ['channel', 'outcome'],
  });
  return (outcome, channel) => webhooks.inc({ outcome, channel });
}

/** No new connections; what is being answered is answered, within the grace. */
function drain(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
