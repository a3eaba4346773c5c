import type { Database } from '../../db/pool';
import { keepHistory } from '../../db/stores/payment-histories-store';
import {
  clearWake,
  loadPaymentById,
  overduePayments,
  postponeWake,
  type StoredPayment,
} from '../../db/stores/payments-store';
import { paymentWorkflowId } from '../../domain/payment/reference';
import type { PaymentRequest } from '../../domain/payment/request';
import { isFinal } from '../../domain/payment/status';
import type { Log } from '../../telemetry/log';
import type { ReadHistory } from '../payment/read-history';

export interface SweepPaymentsDeps {
  database: Database;
  resumePayment(request: PaymentRequest): Promise<'resumed' | 'running'>;
  readHistory(workflowId: string): Promise<ReadHistory | undefined>;
  log: Log;
  overdueMs: number;
  batchMax: number;
}

/** So often at most the story of one that has ended is read while its workflow goes on. */
const watchedAgainMs = 3_600_000;

/**
 * Every payment has a moment at which something happens by itself. An open one that is long past it may have no
 * workflow any more (Temporal restored from a backup, power lost): it gets one. One that has ended has its
 * workflow's story written down once that has ended too, before Temporal forgets it.
 */
export function createSweepPayments(deps: SweepPaymentsDeps) {
  const { database, log, overdueMs, batchMax } = deps;

  return async function sweepPayments(): Promise<{ resumed: number; running: number; kept: number }> {
    const ids = await overduePayments(database, new Date(Date.now() - overdueMs), batchMax);
    const count = { resumed: 0, running: 0, kept: 0 };
    for (const id of ids) {
      const payment = await loadPaymentById(database, id);
      if (payment !== undefined) count[await lookAfter(id, payment)] += 1;
    }
    return count;
  };

  async function lookAfter(id: string, payment: StoredPayment): Promise<'resumed' | 'running' | 'kept'> {
    if (isFinal(payment.state.status)) return keep(id, payment.request);
    const found = await deps.resumePayment(payment.request);
    if (found === 'resumed') log.warn({ paymentId: id }, 'an open payment had no workflow and was resumed');
    // Slow is not lost: it is looked at again only after it had another chance.
    await postponeWake(database, id, new Date(Date.now() + overdueMs));
    return found;
  }

  async function keep(
    id: string,
    { mode, merchantId, orderId }: PaymentRequest,
  ): Promise<'running' | 'kept'> {
    const history = await deps.readHistory(paymentWorkflowId(mode, merchantId, orderId));
    // It may watch an open charge for weeks yet; a copy of the half of it would hide the rest.
    if (history?.isOver === false) {
      await postponeWake(database, id, new Date(Date.now() + Math.max(overdueMs, watchedAgainMs)));
      return 'running';
    }
    if (history !== undefined) await keepHistory(database, id, history);
    await clearWake(database, id);
    return 'kept';
  }
}
