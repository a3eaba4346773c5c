import type { ChannelCapabilities } from '../../integrations/channels/payment-provider';
import { fundRefund } from '../../domain/refund/funding';
import {
  decideRefund,
  refusalError,
  type RefundDecision,
  type RefundRefusal,
} from '../../domain/refund/refusal';
import { presentRefund } from '../../domain/refund/present';
import { isRefundOver } from '../../domain/refund/status';
import type { Transaction } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { allowanceOf } from '../../db/stores/balance-allowances-store';
import { unfinishedCaptures } from '../../db/stores/captures-store';
import { lockMerchantBalance, merchantBalances } from '../../db/stores/ledger-balances';
import { changeLockedPayment, lockPayment, type LockedPayment } from '../../db/stores/paid-payments-store';
import {
  changeRefund,
  insertRefund,
  loadRefund,
  loadRefundByNo,
  paidChargeOf,
  postponeRefund,
  reserveRefund as writeReservation,
  type PaidCharge,
  type StoredRefund,
} from '../../db/stores/refunds-store';
import { disputedOf } from '../../db/stores/taken-back';
import type { RefundAsk, RefundInput } from '../../workflows/contracts';
import { tellMerchant } from '../payment/tell-merchant';
import { failure } from '../failures';
import { acceptedChargeOf, decideOnAccepted } from './accepted-money';
import type { RefundProgress } from './contracts';
import type { RefundDeps } from './deps';
import { holdJournals } from './journals';
import { fundedPayment } from './funded-payment';

export interface ReserveOrder {
  input: RefundInput;
  /** When the workflow looks again, if the payment is not paid yet. */
  wakeAt: string;
  /** It waited long enough: not paid by now is refused. */
  isLast: boolean;
}

/** So long the channel may be unavailable before the refund fails and the money goes back to the balance. */
export const giveUpAfterMs = 3 * 86_400_000;

/**
 * The first step: writes the refund down and sets its amount aside, both under the lock of the payment's row, so
 * that however many come at once they never exceed what was captured.
 */
export function createReserveRefund(deps: RefundDeps) {
  return async function reserveRefund(order: ReserveOrder): Promise<RefundProgress> {
    const { input } = order;
    const asked = (await loadRefund(deps.database, input.refundId)) ?? askOf(input);
    if (asked === undefined) throw tooLate();
    const { paymentId, lateCharge } = asked;
    // Read before the transaction: nothing in it may wait for another connection of the pool.
    const charge = await (lateCharge === undefined
      ? paidChargeOf(deps.database, paymentId)
      : acceptedChargeOf(deps.database, lateCharge));
    const ability = await abilityOf(charge);
    let isTold = false;
    const progress = await inTransaction(deps.database, async (transaction) => {
      const payment = await lockPayment(transaction, paymentId);
      const standing = await loadRefund(transaction, input.refundId, { lock: true });
      const refund = standing ?? (await writeDown(transaction, order));
      if (payment === undefined || refund === undefined) throw tooLate();
      if (refund.id !== input.refundId) return { ...progressOf(refund), ownedBy: refund.id };
      if (refund.reservation !== undefined || isRefundOver(refund.status)) return progressOf(refund);

      const decision = await decide(transaction, payment, refund, ability, charge);
      switch (decision.kind) {
        case 'reserve':
          // Paid between our look for the charge and the lock: the next look finds both.
          if (charge === undefined) throw failure('NotFound', 'The charge to give back is not there yet.');
          return reserve(transaction, payment, refund, { ...decision, charge });
        case 'wait':
          if (!order.isLast) {
            await postponeRefund(transaction, refund.id, new Date(order.wakeAt));
            return progressOf(refund);
          }
          isTold = await refuse(transaction, refund, tooLongFor(payment), standing !== undefined);
          return { status: 'failed' as const, isReserved: false };
        case 'refused':
          isTold = await refuse(transaction, refund, decision.refusal, standing !== undefined);
          return { status: 'failed' as const, isReserved: false };
      }
    });
    if (isTold) deps.callbackCommitted();
    return progress;
  };

  async function decide(
    transaction: Transaction,
    payment: LockedPayment,
    refund: StoredRefund,
    ability: Pick<ChannelCapabilities, 'refund'>,
    charge: PaidCharge | undefined,
  ) {
    const { merchantId, mode } = payment;
    const { lateCharge } = refund;
    // Where a payment was exchanged its money is on the balance of the other currency; late money never is.
    const settled = payment.conversion?.settleCurrency ?? payment.currency;
    const currency = lateCharge === undefined ? settled : refund.currency;
    await lockMerchantBalance(transaction, merchantId, mode, currency);
    const wish = {
      amount: refund.wantsAll ? undefined : refund.amount,
      ability,
      balances: await merchantBalances(transaction, merchantId, mode, currency),
      allowance: await allowanceOf(transaction, merchantId, mode, currency),
    };
    if (lateCharge !== undefined) return decideOnAccepted(transaction, payment, lateCharge, wish);
    const funded = await fundedPayment(transaction, payment, charge);
    const isCaptureUnderWay =
      payment.status === 'authorized' && (await unfinishedCaptures(transaction, payment.id)).length > 0;
    return decideRefund(
      { ...payment, isCaptureUnderWay, disputed: await disputedOf(transaction, payment) },
      { ...wish, fund: (amount) => fundRefund(funded, amount) },
    );
  }

  async function reserve(
    transaction: Transaction,
    payment: LockedPayment,
    asked: StoredRefund,
    { amount, funding, from, charge }: RefundDecision & { kind: 'reserve' } & { charge: PaidCharge },
  ): Promise<RefundProgress> {
    const { fee: feeSetAside, exchange } = funding;
    const reservation = { ...charge, takenFrom: from, feeSetAside, exchange };
    const refund = { ...asked, amount };
    const giveUpAt = new Date(Date.now() + giveUpAfterMs);
    const isOfPayment = refund.kind === 'merchant';
    await writeReservation(transaction, refund.id, { ...reservation, amount, giveUpAt });
    await changeLockedPayment(transaction, payment, {
      eventId: deps.newId(),
      type: 'refund.created',
      ...(isOfPayment ? { refundReserved: payment.refundReserved + amount } : {}),
      cause: {
        by: refund.requestedBy.role,
        keyId: refund.requestedBy.keyId,
        key: `refund:${refund.id}:reserved`,
        refundId: refund.id,
        amountMinor: amount.toString(),
      },
    });
    const conversion = isOfPayment ? payment.conversion : undefined;
    await deps.ledger.post(transaction, holdJournals(refund, reservation, conversion));
    return { status: refund.status, isReserved: true };
  }

  /** Nothing of the payment changes. Who was answered before this was known is told by callback. */
  async function refuse(
    transaction: Transaction,
    refund: StoredRefund,
    refusal: RefundRefusal,
    wasAnswered: boolean,
  ): Promise<boolean> {
    const error = refusalError(refusal);
    await changeRefund(transaction, { refundId: refund.id, to: 'failed', error, isOver: true });
    if (!wasAnswered) return false;
    return tellMerchant(transaction, {
      eventId: deps.newId(),
      paymentId: refund.paymentId,
      type: 'refund.failed',
      also: { refund: presentRefund({ ...refund, status: 'failed', error, updatedAt: new Date() }) },
    });
  }

  async function abilityOf(charge: PaidCharge | undefined): Promise<Pick<ChannelCapabilities, 'refund'>> {
    const channel = charge && (await deps.channelOf(charge.channelConfigId));
    if (channel?.provider.refundCharge === undefined) return { refund: 'none' };
    return channel.provider.capabilities;
  }
}

/** The row, or the one that has the merchant's number already; undefined if it is too late to begin. */
async function writeDown(
  transaction: Transaction,
  { input, wakeAt }: ReserveOrder,
): Promise<StoredRefund | undefined> {
  const { refundId } = input;
  const ask = askOf(input);
  if (ask === undefined || Date.now() > Date.parse(input.openBy)) return undefined;
  const isNew = await insertRefund(transaction, { ...rowOf(ask), id: refundId, wakeAt: new Date(wakeAt) });
  if (isNew) return loadRefund(transaction, refundId);
  return loadRefundByNo(transaction, ask, ask.refundNo ?? '');
}

/** It has waited for a capture as long as it may. */
function tooLongFor({ captured }: LockedPayment): RefundRefusal {
  return captured === 0n ? 'not_refundable' : 'refund_exceeds_captured';
}

function askOf({ ask, askOfAccepted }: RefundInput): RefundAsk | undefined {
  return ask ?? askOfAccepted;
}

function rowOf(ask: RefundAsk) {
  const { paymentId, merchantId, mode, currency, reason, refundNo, lateCharge, requestHash } = ask;
  return {
    ...{ paymentId, merchantId, mode, currency, reason, refundNo, lateCharge, requestHash },
    amount: BigInt(ask.amountMinor ?? ask.paymentAmountMinor),
    wantsAll: ask.amountMinor === undefined,
    kind: lateCharge === undefined ? ('merchant' as const) : ('accepted_money' as const),
    requestedBy: ask.by,
  };
}

export function progressOf(refund: StoredRefund): RefundProgress {
  return { status: refund.status, isReserved: refund.reservation !== undefined };
}

function tooLate() {
  return failure('OpenWindowPassed', 'This refund was not begun in time and nothing was written.');
}
