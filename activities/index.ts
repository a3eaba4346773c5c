import { createSweepWebhooks, type SweepWebhooksDeps } from './sweeps/sweep-webhooks';
import { createSweepPayments, type SweepPaymentsDeps } from './sweeps/sweep-payments';
import { createSweepRefunds, type SweepRefundsDeps } from './sweeps/sweep-refunds';
import { createSweepSuspense, type SweepSuspenseDeps } from './sweeps/sweep-suspense';
import { createMessageActivities } from './message';
import type { MessageDeps } from './message/deps';
import { createSweepMessages, type SweepMessagesDeps } from './sweeps/sweep-messages';
import { createSuspenseActivities } from './suspense';
import { createSweepDisputes, type SweepDisputesDeps } from './sweeps/sweep-disputes';
import { createSweepCallbacks, type SweepCallbacksDeps } from './sweeps/sweep-callbacks';
import { createSweepIntegrations, type SweepIntegrationsDeps } from './sweeps/sweep-integrations';
import { createSweepRates, type CollectRates } from './exchange/collect-rates';
import { createMaintain } from './sweeps/maintain';
import { createWatchCredentials } from './sweeps/watch-credentials';
import { abandonCallback } from '../db/stores/callback-store';
import { createDeliverCallback, type DeliverCallbackDeps } from './notify/deliver-callback';
import { createDisputeActivities } from './dispute';
import type { DisputeDeps } from './dispute/deps';
import type { LeanPayment, OpenedPayment, OwnedElsewhere, RecordNews } from './payment/contracts';
import type { Pace } from './payment/attempts';
import type { PaymentInput } from '../workflows/contracts';
import type { PaymentDeps } from './payment/deps';
import { createOpenPayment } from './payment/open';
import { createCaptures } from './payment/captures';
import { createRefundActivities } from './refund';
import { createNextAttempts } from './payment/next-attempt';
import { createQueries } from './payment/query';
import { createRecord } from './payment/record';
import type { Writing } from './payment/writing';
import { createRecordLate } from './payment/late';
import { createReleases } from './payment/release';
import { noteAskedAgain } from '../db/stores/asked-again-store';
import { nextCaptureNo } from '../db/stores/captures-store';

/** What the payments queue may do: the API process and the workers host it alike. */
export function createPaymentActivities(deps: PaymentDeps) {
  const record = createRecord(deps);
  const openPayment = createOpenPayment(deps);
  const captures = createCaptures(deps);
  return {
    async openPayment(input: PaymentInput & { pace: Pace }): Promise<LeanPayment | OwnedElsewhere> {
      const opened = await openPayment(input, input.pace);
      return opened.kind === 'open' ? lean(opened) : opened;
    },
    ...createNextAttempts(deps),
    capture: captures.capture,
    finishCaptures: async (payment: OpenedPayment) => lean(await captures.finishCaptures(payment)),
    nextCaptureNo: ({ request }: OpenedPayment, wanted?: Parameters<typeof nextCaptureNo>[2]) =>
      nextCaptureNo(deps.database, request.paymentId, wanted),
    noteAskedAgain: ({ request, state }: OpenedPayment, key: string) =>
      noteAskedAgain(deps.database, { paymentId: request.paymentId, attemptNo: state.attemptNo, key }),
    ...createQueries(deps),
    ...createReleases(deps),
    recordLate: createRecordLate(deps),
    recordNews: async (told: RecordNews) => lean(await record.news(told)),
    writePayment: async (payment: OpenedPayment, writing: Writing) =>
      lean(await record.write(payment, writing)),
    ...createRefundActivities(deps),
  };
}

export type OperationsDeps = PaymentDeps &
  Pick<SweepWebhooksDeps, 'deliverEvent'> &
  Pick<SweepPaymentsDeps, 'resumePayment' | 'readHistory'> &
  Pick<SweepRefundsDeps, 'resumeRefund'> &
  Pick<SweepSuspenseDeps, 'startSuspense'> &
  Pick<SweepDisputesDeps, 'resumeDispute' | 'bringEvidence'> &
  Pick<SweepMessagesDeps, 'resumeMessage'> &
  Pick<SweepCallbacksDeps, 'resumeCallback'> &
  DisputeDeps &
  Pick<SweepIntegrationsDeps, 'healthTargets' | 'healthChecked' | 'healthEveryMs'> & {
    messages: MessageDeps;
    collectRates: CollectRates;
    sweeps: { webhooksAfterMs: number; paymentsOverdueMs: number; batchMax: number; callLogDaysKept: number };
    callbacks: Omit<DeliverCallbackDeps, 'database'>;
  };

/** What only workers do: the slow, the periodic and the late. */
export function createOperationsActivities(deps: OperationsDeps) {
  const { database, log, deliverEvent, resumePayment, resumeRefund, resumeDispute, sweeps } = deps;
  const { batchMax } = sweeps;
  return {
    recordLate: createRecordLate(deps),
    releaseReservation: createReleases(deps).releaseReservation,
    sweepWebhooks: createSweepWebhooks({
      database,
      log,
      deliverEvent,
      afterMs: sweeps.webhooksAfterMs,
      batchMax,
    }),
    sweepPayments: createSweepPayments({
      readHistory: deps.readHistory,

      database,
      log,
      resumePayment,
      overdueMs: sweeps.paymentsOverdueMs,
      batchMax,
    }),
    sweepRefunds: createSweepRefunds({
      database,
      log,
      resumeRefund,
      overdueMs: sweeps.paymentsOverdueMs,
      batchMax,
    }),
    sweepSuspense: createSweepSuspense({
      database,
      startSuspense: deps.startSuspense,
      overdueMs: sweeps.paymentsOverdueMs,
      batchMax,
    }),
    ...createSuspenseActivities(deps),
    sweepDisputes: createSweepDisputes({
      database,
      log,
      resumeDispute,
      bringEvidence: deps.bringEvidence,
      overdueMs: sweeps.paymentsOverdueMs,
      batchMax,
    }),
    ...createDisputeActivities(deps),
    sweepMessages: createSweepMessages({
      database,
      log,
      resumeMessage: deps.resumeMessage,
      overdueMs: sweeps.paymentsOverdueMs,
      batchMax,
    }),
    ...createMessageActivities(deps.messages),
    sweepCallbacks: createSweepCallbacks({
      database,
      log,
      resumeCallback: deps.resumeCallback,
      overdueMs: sweeps.paymentsOverdueMs,
      batchMax,
    }),
    deliverCallback: createDeliverCallback({ database, ...deps.callbacks }),
    abandonCallback: (eventId: string) => abandonCallback(database, eventId),
    sweepIntegrations: createSweepIntegrations(deps),
    maintain: createMaintain({
      database,
      callLogDaysKept: sweeps.callLogDaysKept,
      watchCredentials: createWatchCredentials(deps),
    }),
    sweepRates: createSweepRates(deps),
  };
}

export type PaymentActivities = ReturnType<typeof createPaymentActivities>;
export type OperationsActivities = ReturnType<typeof createOperationsActivities>;

function lean({ request: _request, ...payment }: OpenedPayment): LeanPayment {
  return payment;
}
