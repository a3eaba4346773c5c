import { createHash } from 'node:crypto';
import type { ChannelFees } from '../../domain/fees/contracts';
import { chargedPlans, chargeFees } from '../../domain/fees/payment-fees';
import { suspenseAcceptedJournal } from '../../domain/ledger/suspense-journals';
import { formatAmount } from '../../domain/money/amount';
import { suspenseId, type SuspenseKey } from '../../domain/suspense/suspense-id';
import type { Transaction } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { changeLockedPayment, lockPayment, type LockedPayment } from '../../db/stores/paid-payments-store';
import { findLateRefund, insertRefund, reserveRefund } from '../../db/stores/refunds-store';
import {
  decideSuspense,
  findSuspense,
  resolveSuspense,
  type SuspendedMoney,
  type SuspenseDecision,
} from '../../db/stores/suspense-store';
import { suspenseWorkflowId } from '../../workflows/contracts';
import { withholdDisputed } from '../dispute/withhold';
import { suspenseReference } from '../payment/journals';
import { tellMerchant } from '../payment/tell-merchant';
import type { RefundDeps } from '../refund/deps';
import { giveUpAfterMs } from '../refund/reserve';

export type SuspenseDeps = RefundDeps & { resumeRefund(refundId: string): Promise<unknown> };

export interface SuspenseView {
  next: 'nothing' | 'ask' | SuspenseDecision;
  decision?: SuspenseDecision;
}

/** What may be done with money in suspense; each step looks at the row first, so any of them may run again. */
export function createSuspenseActivities(deps: SuspenseDeps) {
  /** Where the merchant's rule decides, it does so here, once; the rule is the one its payment opened under. */
  async function examineSuspense(key: SuspenseKey): Promise<SuspenseView> {
    const held = await findSuspense(deps.database, key);
    if (held === undefined || held.resolvedAt !== undefined)
      return { next: 'nothing', decision: held?.decision };
    if (held.decision !== undefined) return { next: held.decision };
    if (held.rule === 'ask') return { next: 'ask' };
    await decideSuspense(deps.database, key, held.rule, { by: 'rule' });
    const decision = (await findSuspense(deps.database, key))?.decision;
    return { next: decision ?? 'ask' };
  }

  /** The payment stays what it is, for no state regresses; the money is the merchant's, who is told of it. */
  async function acceptSuspense(key: SuspenseKey): Promise<void> {
    const isTold = await underLock(key, 'accept', async (transaction, payment, held) => {
      const eventId = deps.newId();
      const type = 'payment.late_money_accepted';
      await resolveSuspense(transaction, key);
      payment.version = await changeLockedPayment(transaction, payment, {
        eventId,
        type,
        cause: causeOf(held),
      });
      await deps.ledger.post(transaction, [acceptedJournal(held, chargedPlans(payment, held))]);
      const lateMoney = {
        suspenseId: suspenseId(held),
        amount: formatAmount(held.amount, held.currency),
        currency: held.currency,
        reason: held.reason,
      };
      const also = { lateMoney };
      const isAcceptedTold = await tellMerchant(transaction, { eventId, paymentId: payment.id, type, also });
      const isWithheldTold = await withholdDisputed(deps, transaction, { payment, held });
      return isAcceptedTold || isWithheldTold;
    });
    if (isTold === true) deps.callbackCommitted();
  }

  /** Its refund is made like any other, but of the suspense account: there is one, however often this runs. */
  async function refundSuspense(key: SuspenseKey): Promise<void> {
    const refundId = await underLock(key, 'refund', async (transaction, _payment, held) => {
      const standing = await findLateRefund(transaction, key);
      if (standing !== undefined) return standing;
      const id = deps.newId();
      await insertRefund(transaction, { ...refundOf(held), id, wakeAt: new Date() });
      await reserveRefund(transaction, id, {
        amount: held.amount,
        attemptNo: held.attemptNo,
        channel: held.channel,
        channelConfigId: held.channelConfigId,
        chargeRef: held.providerRef,
        takenFrom: 'pending',
        giveUpAt: new Date(Date.now() + giveUpAfterMs),
      });
      return id;
    });
    if (refundId !== undefined) await deps.resumeRefund(refundId);
  }

  /** Undefined: it has ended, or was decided otherwise. */
  async function underLock<T>(
    key: SuspenseKey,
    decision: SuspenseDecision,
    work: (transaction: Transaction, payment: LockedPayment, held: SuspendedMoney) => Promise<T>,
  ): Promise<T | undefined> {
    const known = await findSuspense(deps.database, key);
    if (known === undefined) return undefined;
    return inTransaction(deps.database, async (transaction) => {
      const payment = await lockPayment(transaction, known.paymentId);
      const held = await findSuspense(transaction, key);
      if (payment === undefined || held?.decision !== decision || held.resolvedAt !== undefined)
        return undefined;
      return work(transaction, payment, held);
    });
  }

  return { examineSuspense, acceptSuspense, refundSuspense };
}

function causeOf(held: SuspendedMoney) {
  const { by = 'rule', keyId, reason } = held.decidedBy ?? {};
  return { by, keyId, reason, key: `suspense:${held.providerRef}:accepted`, providerRef: held.providerRef };
}

/** With the fee and cost that the payment's plans take of a success. It is the merchant's from when that was decided. */
function acceptedJournal(held: SuspendedMoney, fees: ChannelFees | undefined) {
  return suspenseAcceptedJournal({
    reference: suspenseReference(held.paymentId, held.attemptNo, held.providerRef),
    mode: held.mode,
    effectiveAt: new Date(),
    workflowId: suspenseWorkflowId(held),
    paymentId: held.paymentId,
    merchantId: held.merchantId,
    channelConfigId: held.channelConfigId,
    amount: { amount: held.amount, currency: held.currency },
    ...chargeFees(fees, held.amount),
  });
}

function refundOf(held: SuspendedMoney) {
  const { paymentId, merchantId, mode, amount, currency, reason, decidedBy } = held;
  return {
    ...{ paymentId, merchantId, mode, amount, currency, reason },
    wantsAll: false,
    kind: 'late_money' as const,
    lateCharge: { channelConfigId: held.channelConfigId, providerRef: held.providerRef },
    refundNo: undefined,
    requestHash: createHash('sha256').update(suspenseWorkflowId(held)).digest('hex'),
    requestedBy: { role: decidedBy?.by ?? 'rule', keyId: decidedBy?.keyId },
  };
}
