import type { Database } from '../../db/pool';
import { loadPaymentById, overduePayments, postponeWake } from '../../db/stores/payments-store';
import type { PaymentRequest } from '../../domain/payment/request';
import type { Log } from '../../telemetry/log';

export interface SweepPaymentsDeps {
  database: Database;
  resumePayment(request: PaymentRequest): Promise<'resumed' | 'running'>;
  log: Log;
  overdueMs: number;
  batchMax: number;
}

/**
 * Every open payment has a moment at which its workflow acts by itself. One that is long past it may have no
 * workflow any more (Temporal restored from a backup, power lost): it gets one.
 */
export function createSweepPayments({
  database,
  resumePayment,
  log,
  overdueMs,
  batchMax,
}: SweepPaymentsDeps) {
  return async function sweepPayments(): Promise<{ resumed: number; running: number }> {
    const ids = await overduePayments(database, new Date(Date.now() - overdueMs), batchMax);
    const count = { resumed: 0, running: 0 };
    for (const id of ids) {
      const payment = await loadPaymentById(database, id);
      if (payment === undefined) continue;
      const found = await resumePayment(payment.request);
      count[found] += 1;
      if (found === 'resumed') log.warn({ paymentId: id }, 'an open payment had no workflow and was resumed');
      // Slow is not lost: it is looked at again only after it had another chance.
      await postponeWake(database, id, new Date(Date.now() + overdueMs));
    }
    return count;
  };
}
