import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { createPaymentActivities } from '../../activities';
import { createDesk } from '../../activities/payment/desk';
import { toOpened } from '../../activities/payment/to-opened';
import type { PaymentDeps } from '../../activities/payment/deps';
import { createRecordLate, type LateOutcome } from '../../activities/payment/late';
import { createRecord } from '../../activities/payment/record';
import { paymentInput, paymentWorkflowOptions } from '../../activities/payment/workflow-starter';
import { newId } from '../../db/ids';
import { createPool, type Database } from '../../db/pool';
import { createLedger } from '../../db/stores/ledger-store';
import { loadPaymentById } from '../../db/stores/payments-store';
import { receive } from '../../db/stores/webhook-inbox-store';
import type { AnswerDesk, NewsDesk } from '../../domain/payment/answer';
import type { FeePlan } from '../../domain/fees/terms';
import type { ChargeEvent, ChargeStatus } from '../../domain/payment/outcome';
import { usualRules, type PaymentRules } from '../../domain/payment/plan';
import { attemptReference } from '../../domain/payment/reference';
import type { PaymentRequest } from '../../domain/payment/request';
import type { PaymentState } from '../../domain/payment/state';
import { routeByPreference } from '../../domain/routing/by-preference';
import { createLog } from '../../telemetry/log';
import { workflowBundle } from '../../workers/bundle';
import { MainThreadWorker } from '../../workers/main-thread-worker';
import {
  lateWorkflowId,
  signalNames,
  updateNames,
  workflowNames,
  type Command,
} from '../../workflows/contracts';
import { freshDatabase } from './database';
import type { ScriptedChannel } from './scripted-channel';
import { temporalAddress, temporalNamespace, uniqueTaskQueue } from './temporal';
import { until } from './until';

export interface StageOptions {
  expiresInMs?: number;
  rules?: Partial<PaymentRules>;
  /** An operator looks at it first. */
  isReviewed?: boolean;
  firstPollMs?: number;
  /** A request waits for its answer, in the same process. */
  isAwaited?: boolean;
  /** Where it stands when `start` returns; `requires_action` if it is not said. */
  until?: string;
}

type Wish = Pick<PaymentRequest, 'capture' | 'method' | 'provider'>;

type Ask = Command extends infer One ? (One extends Command ? Omit<One, 'id' | 'by'> : never) : never;

/** A payment on the stage: its real workflow on the real server, its rows, and the hands of everybody about it. */
export interface StagedPayment {
  request: PaymentRequest;
  handle: WorkflowHandle;
  reference(attemptNo: number): string;
  state(): Promise<PaymentState>;
  waitFor(status: string, timeoutMs?: number): Promise<PaymentState>;
  /** The channel's event: committed to the inbox, then signalled. Returns its place in the inbox. */
  tell(attemptNo: number, status: ChargeStatus): Promise<string>;
  /** As the sweep does, where it finds it unsettled. */
  tellAgain(inboxId: string, attemptNo: number, status: ChargeStatus): Promise<void>;
  /** The same for a payment that has ended: the workflow for late events hears it. */
  tellLate(attemptNo: number, status: ChargeStatus): Promise<string>;
  /** Committed by a task that Temporal then lost: what runs after it has not been told, and first hears the event again. */
  recordUntold(attemptNo: number, status: ChargeStatus): Promise<string>;
  inbox(inboxId: string): Promise<string | undefined>;
  /** `updateId`: another one than the command's, when it was refused and is asked anew. */
  ask(command: Ask, id?: string, updateId?: string): Promise<PaymentState>;
  attempts(): Promise<string[]>;
  /** Where it has been, in order. */
  states(): Promise<string[]>;
  charges(): Promise<string[]>;
  attention(): Promise<string[]>;
  /** A new run for one that has none any more, as the sweep gives it. */
  resume(): Promise<void>;
}

export interface PaymentStage {
  database: Database;
  channelConfigId: string;
  /** Undefined: its configuration was removed. */
  channel: ScriptedChannel | undefined;
  /** It went away between the look at what there is and the decision. */
  isChannelGone: boolean;
  /** By an operator, just before it is called. */
  isSwitchedOff: boolean;
  /** They hold all the time. */
  feePlans: FeePlan[];
  /** Where its first step may wait for news, as the webhook's route and a merchant's command know it. */
  firstNews: NewsDesk;
  start(options?: StageOptions & Wish): Promise<StagedPayment>;
  recordLate(inboxId: string): Promise<LateOutcome>;
  /** How the workflow for this late event ended. */
  late(inboxId: string): Promise<string>;
  stop(): Promise<void>;
}

const aboveNothing: Record<string, string> = { USD: '1' };
let isInstalled = false;

function installRuntime(): void {
  if (!isInstalled) Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  isInstalled = true;
}

/** Real workflows, activities, database and Temporal, with a provider that does what the test says. */
export async function startPaymentStage(
  channel: ScriptedChannel,
  timings: Partial<PaymentDeps['timings']> = {},
  /** Where payments go when the first can't take them; without it there is only one channel. */
  second?: ScriptedChannel,
): Promise<PaymentStage> {
  installRuntime();
  const fresh = await freshDatabase();
  const database = createPool({ url: fresh.url, size: 8, statementTimeoutMs: 10_000, name: 'stage' });
  const connection = await Connection.connect({ address: temporalAddress() });
  const client = new Client({ connection, namespace: temporalNamespace() });
  const native = await NativeConnection.connect({ address: temporalAddress() });
  const payments = uniqueTaskQueue('stage');
  const queues = { payments, operations: `${payments}-operations` };
  const channelConfigId = newId();
  const secondConfigId = newId();
  let options: StageOptions = {};
  const answers: AnswerDesk = createDesk(10);
  const nameOf = (id: string) => (id === secondConfigId ? 'second' : 'scripted');

  const stage: PaymentStage = {
    database,
    channelConfigId,
    channel,
    isChannelGone: false,
    isSwitchedOff: false,
    feePlans: [],
    firstNews: createDesk(10),
    async start({ capture, method, provider, ...wanted } = {}) {
      options = wanted;
      const request = aRequest(wanted.expiresInMs ?? 60_000, { capture, method, provider });
      const patience = { openWithinMs: 30_000, firstPollMs: wanted.firstPollMs ?? 60_000, pollMsMax: 60_000 };
      const input = paymentInput(request, patience, Date.now());
      const asPayment = paymentWorkflowOptions(input, queues);
      if (wanted.isAwaited === true) answers.wait(asPayment.workflowId);
      const start = (isResumed?: boolean) =>
        client.workflow.start(workflowNames.payment, {
          ...asPayment,
          args: [{ ...input, isResumed }],
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        });
      const staged = payment(request, await start(), async () => void (await start(true)));
      await staged.waitFor(wanted.until ?? 'requires_action');
      return staged;
    },
    recordLate: (inboxId) => createRecordLate(deps)(inboxId),
    async late(inboxId) {
      const ended: unknown = await client.workflow.getHandle(lateWorkflowId(inboxId)).result();
      return (ended as { outcome: string }).outcome;
    },
    async stop() {
      worker.shutdown();
      await working;
      await native.close();
      await connection.close();
      await database.end();
      await fresh.drop();
    },
  };

  const deps: PaymentDeps = {
    database,
    setupOf: (merchantId) =>
      Promise.resolve({
        merchantId,
        merchantStatus: 'active',
        config: {
          version: 1,
          currencies: ['USD'],
          expiryMs: 60_000,
          limits: {},
          rules: { ...usualRules, ...options.rules },
          reviewAbove: options.isReviewed === true ? aboveNothing : {},
        },
        candidates: [channelConfigId, ...(second === undefined ? [] : [secondConfigId])].map((id) => ({
          ...{ channelConfigId: id, channel: nameOf(id), currencies: ['USD'], isEnabled: true },
          ...{ methods: ['card', 'wallet'], methodsToReserve: ['card', 'wallet'] },
          amounts: (id === secondConfigId ? second : stage.channel)?.capabilities.amounts,
        })),
        feePlans: stage.feePlans,
        monthVolumes: {},
        channelVolumes: {},
      }),
    pricesAt: ({ merchantId }) =>
      Promise.resolve({ merchantId, feePlans: stage.feePlans, monthVolumes: {}, channelVolumes: {} }),
    channelOf: (id) => {
      const provider = id === channelConfigId ? stage.channel : id === secondConfigId ? second : undefined;
      const config = { id, channel: nameOf(id), mode: 'test', baseUrl: '', credentials: {} } as const;
      return Promise.resolve(provider && { provider, config, isSwitchedOff: stage.isSwitchedOff });
    },
    route: (question, candidates) => routeByPreference(question, stage.isChannelGone ? [] : candidates),
    look: routeByPreference,
    seen: { observeCall: () => undefined, observeVerdict: () => undefined },
    waitsForChannel: () => undefined,
    ledger: createLedger(),
    exchange: { rateAgeMsMax: 60_000, quoteTtlMs: 60_000 },
    findCustomerPart: () => Promise.resolve({ kind: 'ready' }),
    answers,
    firstNews: stage.firstNews,
    firstStepsStayingMax: 1,
    callbackCommitted: () => undefined,
    leaseCallback: () => undefined,
    suspenseHeld: () => undefined,
    log: createLog({ level: 'silent', process: 'worker' }),
    timings: {
      ...{
        channelFastTimeoutMs: 500,
        channelTimeoutMs: 1_000,
        answerWithinMs: 4_500,
        firstNewsWithinMs: 100,
      },
      refundDoubtMs: 1_000,
      keepHistoryAfterMs: 600_000,
      ...timings,
    },
    apiPublicUrl: 'https://api.test',
    newId,
    sealCustomer: () => Buffer.alloc(0),
  };
  const worker = await MainThreadWorker.create({
    connection: native,
    namespace: temporalNamespace(),
    taskQueue: payments,
    workflowBundle: { codePath: await workflowBundle(process.env.WORKFLOW_BUNDLE) },
    activities: createPaymentActivities(deps),
  });
  const working = worker.run();

  function payment(
    request: PaymentRequest,
    first: WorkflowHandle,
    startAgain: () => Promise<void>,
  ): StagedPayment {
    const { paymentId } = request;
    const handle = client.workflow.getHandle(first.workflowId);
    const list = async (text: string) => {
      const { rows } = await database.query<{ line: string }>(text, [paymentId]);
      return rows.map(({ line }) => line);
    };
    const chargeEvent = (eventId: string, attemptNo: number, status: ChargeStatus): ChargeEvent => ({
      ...{ about: 'charge', eventId, occurredAt: new Date().toISOString(), status },
      reference: attemptReference(paymentId, attemptNo),
    });
    const arrive = async (attemptNo: number, status: ChargeStatus) => {
      const id = newId();
      const event = chargeEvent(id, attemptNo, status);
      const attempt = { paymentId, attemptNo };
      const body = Buffer.from('{}');
      await receive(database, { id, channelConfigId, providerEventId: id, attempt, event, body });
      return { id, event };
    };
    const staged: StagedPayment = {
      request,
      handle,
      reference: (attemptNo) => attemptReference(paymentId, attemptNo),
      async state() {
        const stored = await loadPaymentById(database, paymentId);
        if (stored === undefined) throw new Error('The payment is not there.');
        return stored.state;
      },
      waitFor: (status, timeoutMs) =>
        until(
          `the payment is ${status}`,
          async () => {
            const stored = await loadPaymentById(database, paymentId);
            return stored?.state.status === status && stored.state;
          },
          timeoutMs,
        ),
      async tell(attemptNo, status) {
        const { id, event } = await arrive(attemptNo, status);
        await handle.signal(signalNames.channelEvent, { inboxId: id, channelConfigId, event });
        return id;
      },
      async tellAgain(inboxId, attemptNo, status) {
        const event = chargeEvent(inboxId, attemptNo, status);
        await handle.signal(signalNames.channelEvent, { inboxId, channelConfigId, event });
      },
      async tellLate(attemptNo, status) {
        const { id } = await arrive(attemptNo, status);
        const options = { workflowId: lateWorkflowId(id), taskQueue: payments, args: [{ inboxId: id }] };
        await client.workflow.start(workflowNames.late, options);
        return id;
      },
      async recordUntold(attemptNo, news) {
        const { id } = await arrive(attemptNo, news);
        const stored = await loadPaymentById(database, paymentId);
        if (stored === undefined) throw new Error('The payment is not there.');
        const opened = toOpened(stored, stored.request.expiresAt);
        const cause = { by: 'webhook', key: `event:${id}` } as const;
        const told = { payment: opened, attemptNo, channelConfigId, news, cause, inboxIds: [id] };
        await createRecord(deps).news(told);
        return id;
      },
      inbox: async (id) =>
        (await database.query<{ status: string }>('select status from webhook_inbox where id = $1', [id]))
          .rows[0]?.status,
      ask: (command, id = newId(), updateId = id) =>
        handle.executeUpdate<PaymentState, [Command]>(updateNames.command, {
          args: [{ ...command, id, by: { role: 'merchant', keyId: newId() } }],
          updateId,
        }),
      attempts: () =>
        list('select status as line from payment_attempts where payment_id = $1 order by attempt_no'),
      states: () =>
        list('select to_status as line from payment_events where payment_id = $1 order by version'),
      charges: () =>
        list(
          `select disposition || ' ' || amount as line from provider_charges where payment_id = $1 order by created_at`,
        ),
      async attention() {
        const { searchAttributes } = await handle.describe();
        return (searchAttributes as Record<string, string[]>)['Attention'] ?? [];
      },
      resume: startAgain,
    };
    return staged;
  }
  return stage;
}

function aRequest(expiresInMs: number, { capture, method, provider }: Wish): PaymentRequest {
  const paymentId = newId();
  const now = Date.now();
  return {
    paymentId,
    merchantId: newId(),
    mode: 'test',
    orderId: `order-${paymentId}`,
    amountMinor: '10000',
    currency: 'USD',
    description: 'tea',
    metadata: {},
    method,
    provider,
    capture: capture ?? 'automatic',
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + expiresInMs).toISOString(),
    requestHash: '00'.repeat(32),
  };
}
