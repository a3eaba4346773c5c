import type { RequestListener, Server } from 'node:http';
import { createEagerStart, type StartWorkflow } from '../activities/payment/workflow-starter';
import { loadSettings, type Settings } from '../config/settings';
import { createContainer, type Container } from '../workers/container';
import { createWorker } from '../workers/create-worker';
import { answerJson, openFront, type Front } from '../workers/front';
import { runProcess, type RunningProcess } from '../workers/run-process';
import { workflowBundle } from '../workers/bundle';
import { createApp, type Mount } from './app';
import { createCodecEndpoint } from './codec';
import { drain } from './drain';
import { fail, presentError } from './errors';
import { requestIdFrom } from './middleware/request-id';
import { currentDocument } from './openapi/current';
import { createPages } from './pages';
import { createRoutes } from './routes';
import { createSubmitEvidence } from './routes/disputes/submit-evidence';
import { createCommandPayment } from './routes/payments/command-payment';
import { createStartPayment } from './routes/payments/start-payment';
import { createCarryOut } from './routes/refunds/carry-out';
import { createStartRefund } from './routes/refunds/start-refund';
import { answerUnreadable } from './unreadable-requests';
import { createInHand, type InHand } from './webhooks/in-hand';
import { createWebhooks } from './webhooks/receive';
import { createNewsWebhooks } from './webhooks/receive-news';

export interface RunningApi extends RunningProcess {
  port: number;
}

/** The API process. It hosts a worker for payments too: only so can a payment start within one round trip. */
export async function startApi(settings: Settings): Promise<RunningApi> {
  const front = await openFront(
    { host: settings.API_HOST, port: settings.API_PORT, setting: 'API_PORT' },
    notYet(settings),
  );
  front.server.on('clientError', answerUnreadable({ publicUrl: settings.API_PUBLIC_URL }));
  try {
    return await startBehind(front, settings);
  } catch (error) {
    front.server.close();
    throw error;
  }
}

interface Lifetime {
  isStopping: boolean;
  newsInHand: InHand;
}

async function startBehind(front: Front, settings: Settings): Promise<RunningApi> {
  const bundleFile = await workflowBundle(settings.WORKFLOW_BUNDLE);
  const container = await createContainer(settings, 'api', front.waitsFor);
  const worker = await createWorker(settings, container.temporal, {
    taskQueue: container.queues.payments,
    bundleFile,
    activities: container.paymentActivities,
    endsSoon: true,
  });
  const running = worker.run();
  const lifetime: Lifetime = { isStopping: false, newsInHand: createInHand() };
  await container.routing.start();
  container.callbacks.relay.start();
  serve(front, container, lifetime);
  container.log.info({ host: settings.API_HOST, port: settings.API_PORT }, 'api is ready');

  return {
    log: container.log,
    port: front.port,
    failed: running,
    async stop() {
      lifetime.isStopping = true;
      await drain(front.server, settings.SHUTDOWN_GRACE_MS);
      // Only now: until the last request is answered, its workflow task must be able to finish here.
      if (worker.getState() === 'RUNNING') worker.shutdown();
      // An event that was acknowledged and not yet told to its workflow would lie until a sweep finds it.
      await Promise.all([running, lifetime.newsInHand.finished(settings.SHUTDOWN_GRACE_MS)]);
      await container.close();
    },
  };
}

if (require.main === module) void runProcess('api', () => startApi(loadSettings()));

/** Nothing that is asked for before Temporal is there has been begun. */
function notYet({ API_PUBLIC_URL: publicUrl }: Settings): RequestListener {
  return (request, response) => {
    const requestId = requestIdFrom(request.headers['request-id']);
    const { status, headers, body } = presentError(fail('temporal_unavailable'), { requestId, publicUrl });
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    answerJson(response, status, body);
  };
}

function serve(front: Front, container: Container, lifetime: Lifetime): void {
  const { settings } = container;
  const app = createApp({
    settings,
    database: container.database,
    log: container.log,
    metrics: container.metrics,
    secretBox: container.secretBox,
    routes: routesOf(container, lifetime),
    pages: pagesOf(container),
    webhooks: webhooksOf(settings, container, lifetime),
  });
  const { server } = front;
  sayGoodbye(server, lifetime);
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;
  server.keepAliveTimeout = 65_000;
  front.serve(app);
}

function routesOf(container: Container, lifetime: { isStopping: boolean }) {
  const { settings, database, answers, firstNews, temporal, queues, resumePayment, refunds, log } = container;
  // A slow server is waited for, but the last part of the request's patience is for reading the row.
  const startTimeoutMs = Math.ceil(settings.PAYMENT_ANSWER_WITHIN_MS * 0.9);
  const startTimings = { ...container.startTimings, startTimeoutMs };
  return createRoutes({
    ...container,
    isShuttingDown: () => lifetime.isStopping,
    startRefund: createStartRefund({
      database,
      refunds,
      log,
      answerWithinMs: settings.PAYMENT_ANSWER_WITHIN_MS,
    }),
    carryOut: createCarryOut({
      database,
      refunds,
      log,
      answerWithinMs: settings.PAYMENT_ANSWER_WITHIN_MS,
    }),
    submitEvidence: createSubmitEvidence({
      database,
      client: temporal.client,
      disputes: container.disputes,
      log,
      answerWithinMs: settings.COMMAND_ANSWER_WITHIN_MS,
    }),
    commandPayment: createCommandPayment({
      database,
      client: temporal.client,
      resumePayment,
      firstNews,
      log,
      answerWithinMs: settings.COMMAND_ANSWER_WITHIN_MS,
    }),
    startPayment: createStartPayment({
      database,
      answers,
      log,
      answerWithinMs: settings.PAYMENT_ANSWER_WITHIN_MS,
      startWorkflow: counted(container, createEagerStart(temporal.client, queues, startTimings)),
    }),
  });
}

/** SendGrid brings as many events at once as there are. */
const newsBytesMax = 1_048_576;

function webhooksOf(settings: Settings, container: Container, { newsInHand }: Lifetime): Mount[] {
  const { database, log, services, messaging } = container;
  const counted = countWebhooks(container);
  const common = { database, log, publicUrl: settings.API_PUBLIC_URL, counted };
  return [
    createNewsWebhooks({
      ...common,
      serviceOf: services.serviceOf,
      webhookOf: messaging.webhookOf,
      takeNews: messaging.takeNews,
      bodyBytesMax: newsBytesMax,
    }),
    createWebhooks({
      ...common,
      channelOf: container.channels.channelOf,
      deliverEvent: newsInHand.kept(container.deliverEvent),
      bodyBytesMax: settings.API_BODY_BYTES_MAX,
      newId: container.newId,
    }),
  ];
}

/** Documentation and metrics for everybody who reaches the port; decoded payloads for who knows the token. */
function pagesOf({ settings, metrics, temporal }: Container): Mount[] {
  const pages = [createPages({ metrics, document: currentDocument })];
  const token = settings.CODEC_TOKEN;
  if (token !== undefined) {
    pages.push(createCodecEndpoint({ codec: temporal.codec, token, uiUrl: settings.TEMPORAL_UI_URL }));
  }
  return pages;
}

/** Fewer eager starts than usual is the first sign that this process has too few slots, or an old build. */
function counted({ metrics }: Container, start: StartWorkflow): StartWorkflow {
  const starts = metrics.counter({
    name: 'durapay_payment_starts_total',
    help: 'Workflows of payments that were started, and where their first task runs.',
    labels: ['where'],
  });
  return async (request) => {
    const where = await start(request);
    starts.inc({ where });
    return where;
  };
}

function countWebhooks({ metrics }: Container): (outcome: string, channel: string) => void {
  const webhooks = metrics.counter({
    name: 'durapay_webhooks_total',
    help: 'Events that providers sent, by channel and what became of them.',
    labels: ['channel', 'outcome'],
  });
  return (outcome, channel) => webhooks.inc({ outcome, channel });
}

/** Once the process is stopping, every answer tells its caller to come back on another connection. */
function sayGoodbye(server: Server, lifetime: { isStopping: boolean }): void {
  server.prependListener('request', (_request, response) => {
    const { writeHead } = response;
    response.writeHead = ((...args: Parameters<typeof writeHead>) => {
      if (lifetime.isStopping) response.setHeader('Connection', 'close');
      return writeHead.apply(response, args);
    }) as typeof writeHead;
  });
}
