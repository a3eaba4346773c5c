import type { Client } from '@temporalio/client';
import { createOperationsActivities, createPaymentActivities } from '../activities';
import { createFindCustomerPart } from '../activities/customer/charge';
import { createCustomerKeeping } from '../activities/customer/keeping';
import { createRefreshCustomer } from '../activities/customer/refresh';
import { createDesk } from '../activities/payment/desk';
import { createDeliverEvent } from '../activities/payment/deliver-event';
import type { PaymentDeps } from '../activities/payment/deps';
import { createDisputeStarter } from '../activities/dispute/workflow-starter';
import { createReadHistory } from '../activities/payment/read-history';
import { createReadStuckStep } from '../activities/payment/read-stuck-step';
import { createMessageStarter } from '../activities/message/workflow-starter';
import { createSuspenseStarter } from '../activities/suspense/workflow-starter';
import { createRefundStarter } from '../activities/refund/workflow-starter';
import { createResumePayment, type StartTimings } from '../activities/payment/workflow-starter';
import type { Settings } from '../config/settings';
import { createConfigListener, type ConfigListener } from '../db/config-listener';
import { newId } from '../db/ids';
import { createPool, type Database } from '../db/pool';
import { loadChannelVolumes, loadMonthVolume } from '../db/read-models/month-volume';
import { loadPaymentSetup, type SetupSources } from '../db/read-models/payment-setup';
import { loadPrices, type PricesWanted } from '../db/read-models/prices';
import { rollUpDays } from '../db/stores/channel-days-store';
import { createLedger } from '../db/stores/ledger-store';
import { createShortCache } from '../db/short-cache';
import type { ExchangeLimits } from '../domain/exchange/quote';
import type { Mode } from '../domain/payment/reference';
import { evidencePlace } from '../db/stores/dispute-evidence-store';
import { customerPlace } from '../db/stores/payments-store';
import { createSecretBox } from '../security/secret-box';
import type { AnswerDesk, NewsDesk } from '../domain/payment/answer';
import { createLog } from '../telemetry/log';
import { createMetrics, type Metrics } from '../telemetry/metrics';
import { createCallbacks } from './callbacks';
import { createChannels } from './channels';
import { watchCredentialAges } from './credential-metrics';
import { createHealthTargets } from './health-targets';
import { watchSealing } from './ledger-metrics';
import { createOutgoing } from './outgoing';
import { createRates } from './rates';
import { createRouting } from './routing';
import { createMessaging } from './messaging';
import { createServices } from './services';
import { reachTemporal } from './reach-temporal';
import { installRuntime } from './temporal';
import { queuesOf } from './queues';
import { watchEventsSetAside } from './webhook-metrics';

/** Configuration is at most this old when it is used. */
const configurationMs = 1_000;

export type Container = Awaited<ReturnType<typeof createContainer>>;

/** Everything a process is made of, wired in one place: the API and the workers differ only in what they start. */
export async function createContainer(
  settings: Settings,
  process: 'api' | 'worker',
  waitsFor: (what: string) => void,
) {
  const log = createLog({ level: settings.LOG_LEVEL, process });
  const metrics = createMetrics();
  const secretBox = createSecretBox(settings.ENCRYPTION_KEYS);
  const database = createPool({
    url: settings.DATABASE_URL,
    size: settings.DATABASE_POOL_SIZE,
    statementTimeoutMs: settings.DATABASE_STATEMENT_TIMEOUT_MS,
    name: `durapay-${process}`,
    onIdleError: (error) => log.warn({ err: error }, 'an idle database connection was lost'),
  });
  metrics.watchPool('main', database);
  watchCredentialAges(metrics, database);
  watchSealing(metrics, database);
  watchEventsSetAside(metrics, database);
  const listener = createConfigListener({
    url: settings.DATABASE_URL,
    name: `durapay-${process}-listener`,
    onError: (error) => log.warn({ err: error }, 'the connection that hears of configuration was lost'),
  });
  installRuntime(log);
  const temporal = await reachTemporal({ settings, log, waitsFor });

  const routing = createRouting({ database, listener, log, metrics });
  const { breakerChanged } = routing.statistics;
  const outgoing = createOutgoing({ settings, database, log, metrics, breakerChanged });
  const channels = createChannels({ database, secretBox, log, outgoing, configurationMs, listener });
  const rates = createRates({ settings, database, log, outgoing });
  const services = createServices({ database, secretBox, log, outgoing, listener });
  const { setupOf, pricesAt } = createSetupSource(database, channels.abilitiesOf, listener);
  const answers: AnswerDesk = createDesk(settings.WORKER_TASK_SLOTS * 2);
  const firstNews: NewsDesk = createDesk(settings.WORKER_TASK_SLOTS * 2);
  const queues = queuesOf(settings);
  const startTimings: StartTimings = {
    openWithinMs: settings.PAYMENT_OPEN_WITHIN_MS,
    firstPollMs: settings.PAYMENT_FIRST_POLL_MS,
    pollMsMax: settings.PAYMENT_POLL_MS_MAX,
  };
  const resumePayment = createResumePayment(temporal.client, queues, startTimings);
  const readHistory = createReadHistory(temporal);
  const readStuckStep = createReadStuckStep(temporal);
  const refunds = createRefundStarter({
    client: temporal.client,
    queues,
    database,
    timings: {
      openWithinMs: settings.PAYMENT_OPEN_WITHIN_MS,
      firstPollMs: settings.REFUND_FIRST_POLL_MS,
      pollMsMax: settings.REFUND_POLL_MS_MAX,
      waitForPaymentMs: settings.REFUND_WAIT_FOR_CAPTURE_MS,
    },
  });
  const suspense = createSuspenseStarter({ client: temporal.client, queues });
  const messages = createMessageStarter({ client: temporal.client, queues });
  const messaging = createMessaging({ settings, database, secretBox, services, log, metrics });
  const disputes = createDisputeStarter({ client: temporal.client, queues });
  const customerDeps = {
    database,
    channelOf: channels.channelOf,
    seal: secretBox.seal,
    openText: secretBox.openText,
    log,
    newId,
    timeoutMs: settings.CHANNEL_FAST_TIMEOUT_MS,
  };
  const customers = createCustomerKeeping(customerDeps);
  const deliverEvent = createDeliverEvent({
    database,
    client: temporal.client,
    queues,
    resumePayment,
    refunds,
    disputes,
    refreshCustomer: createRefreshCustomer({ ...customerDeps, customers }),
    firstNews,
    log,
  });

  const waiting = metrics.counter({
    name: 'durapay_payments_without_channel_total',
    help: 'Payments that no channel could take, and that wait for an operator.',
    labels: [],
  });

  const callbacks = createCallbacks({ settings, database, secretBox, temporal, queues, log, metrics });

  const refusals = metrics.counter({
    name: 'durapay_ledger_refusals_total',
    help: 'Journals that the ledger refused, by the reason; each try counts.',
    labels: ['code'],
  });
  const ledger = createLedger({
    onRefused: ({ code, detail }) => {
      refusals.inc({ code });
      // The others need somebody: these two are an answer to who asked, or mended by the next try.
      const level = code === 'insufficient_funds' || code === 'unknown_account' ? 'warn' : 'error';
      log[level]({ code, detail }, 'the ledger refused a journal');
    },
  });
  const exchange: ExchangeLimits = {
    rateAgeMsMax: settings.EXCHANGE_RATE_AGE_MS_MAX,
    quoteTtlMs: settings.EXCHANGE_QUOTE_TTL_MS,
  };
  const deps: PaymentDeps = {
    database,
    setupOf,
    pricesAt,
    channelOf: channels.channelOf,
    route: routing.routeForGood,
    look: routing.route,
    seen: routing.statistics,
    waitsForChannel: (payment) => {
      waiting.inc();
      log.error(payment, 'no channel can take a payment: it waits in the manual queue');
    },
    ledger,
    exchange,
    answers,
    firstNews,
    // Each holds one of the slots, which new payments need more.
    firstStepsStayingMax: Math.floor(settings.WORKER_TASK_SLOTS / 4),
    callbackCommitted: callbacks.relay.nudge,
    leaseCallback: callbacks.relay.lease,
    suspenseHeld: (key) => {
      suspense.start(key).catch((error: unknown) => {
        log.warn({ err: error }, 'the workflow of money in suspense was not started; the sweep will');
      });
    },
    findCustomerPart: createFindCustomerPart({ database, customers }),
    log,
    timings: {
      channelFastTimeoutMs: settings.CHANNEL_FAST_TIMEOUT_MS,
      channelTimeoutMs: settings.CHANNEL_TIMEOUT_MS,
      answerWithinMs: settings.PAYMENT_ANSWER_WITHIN_MS,
      firstNewsWithinMs: settings.PAYMENT_FIRST_NEWS_WITHIN_MS,
      refundDoubtMs: settings.REFUND_DOUBT_MS,
      keepHistoryAfterMs: settings.PAYMENT_KEEP_HISTORY_AFTER_MS,
    },
    apiPublicUrl: settings.API_PUBLIC_URL,
    newId,
    sealCustomer: (paymentId, customer) => secretBox.seal(JSON.stringify(customer), customerPlace(paymentId)),
  };

  listener.start();

  return {
    settings,
    log,
    metrics,
    secretBox,
    listener,
    database,
    temporal,
    channels,
    services,
    setupOf,
    exchange,
    collectRates: rates.collectRates,
    ledger,
    answers,
    firstNews,
    queues,
    startTimings,
    resumePayment,
    readHistory,
    readStuckStep,
    refunds,
    suspense,
    disputes,
    customers,
    messages,
    messaging,
    deliverEvent,
    callbacks,
    route: routing.route,
    routing,
    newId,
    paymentActivities: createPaymentActivities(deps),
    operationsActivities: createOperationsActivities({
      ...deps,
      collectRates: rates.collectRates,
      deliverEvent,
      readHistory,
      resumePayment,
      resumeRefund: refunds.resume,
      startSuspense: suspense.start,
      resumeDispute: disputes.resume,
      bringEvidence: disputes.bringEvidence,
      resumeMessage: messages.start,
      messages: messaging.activityDeps,
      resumeCallback: callbacks.resume,
      disputes: { remindBeforeMs: settings.DISPUTE_REMIND_BEFORE_MS },
      openEvidence: (evidenceId, sealed) => secretBox.openText(sealed, evidencePlace(evidenceId)),
      callbacks: callbacks.deliveryDeps,
      healthTargets: createHealthTargets({ database, channels, services, outgoing }),
      healthChecked: countHealthChecks(metrics),
      healthEveryMs: settings.HEALTH_CHECK_INTERVAL_MS,
      sweeps: {
        webhooksAfterMs: settings.WEBHOOK_SWEEP_AFTER_MS,
        paymentsOverdueMs: settings.OPEN_PAYMENT_OVERDUE_MS,
        batchMax: settings.SWEEP_BATCH_MAX,
        callLogDaysKept: settings.INTEGRATION_LOG_DAYS,
      },
    }),
    temporalHealth: () => checkTemporal(temporal.client, settings.TEMPORAL_NAMESPACE),
    async close(): Promise<void> {
      await listener.stop();
      await routing.stop();
      await callbacks.close();
      await outgoing.close();
      await rates.close();
      await temporal.connection.close();
      await database.end();
    },
  };
}

/** A tier is reached some minutes late at worst, and the month's payments are not summed for each of them. */
const monthVolumesMs = 60_000;

function createSetupSource(
  database: Database,
  abilitiesOf: SetupSources['abilitiesOf'],
  listener: ConfigListener,
) {
  const volumes = createShortCache({
    ttlMs: monthVolumesMs,
    entriesMax: 10_000,
    read: async (key) => {
      const [merchantId = '', mode] = key.split('/');
      const sums = await loadMonthVolume(database, { merchantId, mode: mode as Mode }, new Date());
      return inDigits(Object.fromEntries(sums));
    },
  });
  const channelVolumes = createShortCache({
    ttlMs: monthVolumesMs,
    entriesMax: 1,
    read: async () => {
      await rollUpDays(database);
      const sums = await loadChannelVolumes(database, new Date());
      return Object.fromEntries([...sums].map(([id, volumesOfIt]) => [id, inDigits(volumesOfIt)]));
    },
  });
  const sources = {
    abilitiesOf,
    monthVolumesOf: (merchantId: string, mode: Mode) => volumes.get(`${merchantId}/${mode}`),
    channelVolumes: () => channelVolumes.get('all'),
  };
  const cache = createShortCache({
    ttlMs: configurationMs,
    entriesMax: 10_000,
    read: (key) => {
      const [merchantId = '', mode] = key.split('/');
      return loadPaymentSetup(database, merchantId, mode as Mode, sources);
    },
  });
  listener.onChange((change) => {
    if (change === 'everything' || change.kind !== 'service') cache.forgetAll();
  });
  return {
    setupOf: (merchantId: string, mode: Mode) => cache.get(`${merchantId}/${mode}`),
    pricesAt: (wanted: PricesWanted, at: Date) => loadPrices(database, wanted, at, sources),
  };
}

function inDigits(volumes: Readonly<Record<string, bigint>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(volumes).map(([currency, volume]) => [currency, volume.toString()]),
  );
}

function countHealthChecks(metrics: Metrics): (name: string, result: string) => void {
  const checks = metrics.counter({
    name: 'durapay_integration_health_checks_total',
    help: 'How services and channels were found, by name.',
    labels: ['name', 'result'],
  });
  return (name, result) => checks.inc({ name, result });
}

async function checkTemporal(client: Client, namespace: string): Promise<void> {
  await client.connection.withDeadline(Date.now() + 2_000, () =>
    client.connection.workflowService.describeNamespace({ namespace }),
  );
}
