import { presentDispute } from '../../domain/dispute/present';
import { isDisputeOver, nextMoment, type DisputeStatus } from '../../domain/dispute/status';
import type { CallbackType } from '../../domain/callback-types';
import type { PaymentStatus } from '../../domain/payment/status';
import type { Transaction } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import {
  changeDispute,
  loadDispute,
  type DisputeChange,
  type StoredDispute,
} from '../../db/stores/disputes-store';
import { changeLockedPayment, lockPayment, type LockedPayment } from '../../db/stores/paid-payments-store';
import type { DisputeProgress } from '../../workflows/contracts';
import { failure } from '../failures';
import { tellMerchant } from '../payment/tell-merchant';
import type { DisputeDeps } from './deps';

/** One moment in which the rows of a payment and of its disputes stand still for this transaction. */
export interface Held {
  transaction: Transaction;
  payment: LockedPayment;
  /** To be called for what was told to the merchant: the relay is nudged after the commit. */
  told(): void;
}

export interface DisputeStep {
  type: CallbackType & `dispute.${string}`;
  change: Omit<DisputeChange, 'wakeAt' | 'isOver'>;
  /** Left out where the payment stays in its status. */
  paymentTo?: PaymentStatus;
  cause: { by: string; key: string; keyId?: string; [detail: string]: unknown };
}

export function createDisputeChanges(deps: DisputeDeps) {
  /** Runs `work` with the payment's row locked; disputes and refunds of one payment take turns. */
  async function holding<T>(paymentId: string, work: (held: Held) => Promise<T>): Promise<T> {
    let isTold = false;
    const result = await inTransaction(deps.database, async (transaction) => {
      const payment = await lockPayment(transaction, paymentId);
      if (payment === undefined) throw failure('NotFound', `There is no payment ${paymentId}.`);
      return work({ transaction, payment, told: () => (isTold = true) });
    });
    if (isTold) deps.callbackCommitted();
    return result;
  }

  /** The same for a dispute that is known. */
  async function holdingDispute<T>(
    disputeId: string,
    work: (held: Held, dispute: StoredDispute) => Promise<T>,
  ): Promise<T> {
    const known = await loadDispute(deps.database, { id: disputeId });
    if (known === undefined) throw failure('NotFound', `There is no dispute ${disputeId}.`);
    return holding(known.paymentId, async (held) => {
      const dispute = await loadDispute(held.transaction, { id: disputeId }, { lock: true });
      if (dispute === undefined) throw failure('NotFound', `There is no dispute ${disputeId}.`);
      return work(held, dispute);
    });
  }

  /** A step of the dispute with the payment's new version, its event and its callback. */
  async function step(held: Held, dispute: StoredDispute, wanted: DisputeStep): Promise<StoredDispute> {
    const { type, change, paymentTo, cause } = wanted;
    const status = change.to ?? dispute.status;
    const after = await changeDispute(held.transaction, dispute.id, {
      ...change,
      isOver: isDisputeOver(status),
      wakeAt: wakeAt({ ...dispute, status, isReminded: dispute.isReminded || change.isReminded === true }),
    });
    await tell(held, after, { type, paymentTo, cause });
    return after;
  }

  async function tell(
    held: Held,
    dispute: StoredDispute,
    { type, paymentTo, cause }: Pick<DisputeStep, 'type' | 'paymentTo' | 'cause'>,
  ): Promise<void> {
    const eventId = deps.newId();
    const { transaction, payment } = held;
    payment.version = await changeLockedPayment(transaction, payment, {
      eventId,
      type,
      to: paymentTo,
      cause: { ...cause, disputeId: dispute.id },
    });
    payment.status = paymentTo ?? payment.status;
    const also = { dispute: presentDispute(dispute) };
    if (await tellMerchant(transaction, { eventId, paymentId: payment.id, type, also })) held.told();
  }

  function wakeAt(dispute: StoredDispute): Date | null {
    return nextMoment(dispute, deps.disputes.remindBeforeMs)?.at ?? null;
  }

  return { holding, holdingDispute, step, tell, wakeAt };
}

export type DisputeChanges = ReturnType<typeof createDisputeChanges>;

export function progressOf(dispute: {
  id: string;
  status: DisputeStatus;
  version: number;
  wakeAt?: Date;
}): DisputeProgress {
  const { id: disputeId, status, version, wakeAt } = dispute;
  return { disputeId, status, version, wakeAt: wakeAt?.toISOString() };
}
