import { createSweepWebhooks, type SweepWebhooksDeps } from './sweeps/sweep-webhooks';
import { createSweepPayments, type SweepPaymentsDeps } from './sweeps/sweep-payments';
import { createMaintain } from './sweeps/maintain';
import { abandonCallback } from '../db/stores/callback-store';
import { createDeliverCallback, type DeliverCallbackDeps } from './notify/deliver-callback';
import type { OpenedPayment } from './payment/contracts';
import type { PaymentDeps } from './payment/deps';
import { createOpenPayment } from './payment/open';
import { createCapture } from './payment/capture';
import { createNextAttempts } from './payment/next-attempt';
import { createQueries } from './payment/query';
import { createRecord } from './payment/record';
import { createRecordLate } from './payment/late';
import { nextCaptureNo } from '../db/stores/captures-store';
import { ignoreArrivals } from '../db/stores/webhook-inbox-store';

/** What the payments queue may do: the API process and the workers host it alike. */
export function createPaymentActivities(deps: PaymentDeps) {
  const record = createRecord(deps);
  return {
    openPayment: createOpenPayment(deps),
    ...createNextAttempts(deps),
    capture: createCapture(deps),
    nextCaptureNo: ({ request }: OpenedPayment) => nextCaptureNo(deps.database, request.paymentId),
    ...createQueries(deps),
    recordNews: record.news,
    writePayment: record.write,
    ignoreEvents: (inboxIds: string[]) => ignoreArrivals(deps.database, inboxIds),
  };
}

export type OperationsDeps = PaymentDeps &
  Pick<SweepWebhooksDeps, 'deliverEvent'> &
  Pick<SweepPaymentsDeps, 'resumePayment' | 'readHistory'> & {
    sweeps: { webhooksAfterMs: number; paymentsOverdueMs: number; batchMax: number };
    callbacks: Omit<DeliverCallbackDeps, 'database'>;
  };

/** What only workers do: the slow, the periodic and the late. */
export function createOperationsActivities(deps: OperationsDeps) {
  const { database, log, deliverEvent, resumePayment, sweeps } = deps;
  const { batchMax } = sweeps;
  return {
    recordLate: createRecordLate(deps),
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
    deliverCallback: createDeliverCallback({ database, ...deps.callbacks }),
    abandonCallback: (eventId: string) => abandonCallback(database, eventId),
    maintain: createMaintain(deps),
  };
}

export type PaymentActivities = ReturnType<typeof createPaymentActivities>;
export type OperationsActivities = ReturnType<typeof createOperationsActivities>;
