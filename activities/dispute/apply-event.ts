import { doubtAbout, doubtAfterEnd, doubtBeside, doubtOf } from '../../domain/dispute/doubt';
import { disputeSteps, statusAfterDispute, type DisputeStatus } from '../../domain/dispute/status';
import { chargedPlans, disputeFees } from '../../domain/fees/payment-fees';
import { publicId } from '../../domain/ids';
import type { Money } from '../../domain/money/money';
import { effectiveTime } from '../../domain/payment/moved-at';
import type { DisputeEvent } from '../../domain/payment/outcome';
import { parseAttemptReference } from '../../domain/payment/reference';
import { isFinal, isPaid } from '../../domain/payment/status';
import {
  changeDispute,
  insertDispute,
  isDisputedOtherwise,
  loadDispute,
  type StoredDispute,
} from '../../db/stores/disputes-store';
import {
  isDisputable,
  loseCharge,
  standingOfCharge,
  type LostCharge,
  type StandingCharge,
} from '../../db/stores/disputed-charges-store';
import { fundDispute, type ExchangeShare } from '../../domain/refund/funding';
import {
  bringBackDisputeNews,
  ignoreArrivals,
  setArrivalAside,
  settleAsApplied,
} from '../../db/stores/webhook-inbox-store';
import type { DisputeProgress, SignalledDisputeEvent } from '../../workflows/contracts';
import { failure } from '../failures';
import { fundedPayment } from '../refund/funded-payment';
import { progressOf, type DisputeChanges, type Held } from './change';
import type { DisputeDeps } from './deps';
import { holdJournals, lostJournals, wonJournals } from './journals';

interface Applied {
  progress?: DisputeProgress;
  /** Why it can't be applied, where that is said for the first time. */
  setAsideFor?: string;
}

/**
 * What a channel says about a dispute: decided under the payment's lock, and written with everything that belongs to
 * it. In any order, and as often as it comes.
 */
export function createApplyDisputeEvent(deps: DisputeDeps, changes: DisputeChanges) {
  return async function applyDisputeEvent(told: SignalledDisputeEvent): Promise<DisputeProgress | undefined> {
    const attempt = parseAttemptReference(told.event.reference);
    if (attempt === undefined) {
      await ignoreArrivals(deps.database, [told.inboxId]);
      return undefined;
    }
    const { progress, setAsideFor } = await changes.holding(attempt.paymentId, (held) =>
      apply(held, told, attempt.attemptNo),
    );
    if (setAsideFor !== undefined) {
      const { inboxId } = told;
      deps.log.error(
        { payment: publicId('payment', attempt.paymentId), inboxId, reason: setAsideFor },
        'what a channel told of a dispute can not be applied: set aside for an operator',
      );
    }
    return progress;
  };

  async function apply(held: Held, told: SignalledDisputeEvent, attemptNo: number): Promise<Applied> {
    const { transaction, payment } = held;
    const { inboxId, channelConfigId, event } = told;
    const name = { channelConfigId, providerRef: event.dispute.providerRef };
    let dispute = await loadDispute(transaction, name, { lock: true });
    const doubt =
      doubtOf(event.dispute) ??
      (dispute && (doubtBeside(event.dispute, dispute) ?? doubtAfterEnd(event.dispute, dispute)));
    if (doubt !== undefined) return setAside(held, inboxId, { reason: doubt, dispute });
    const charged = { paymentId: payment.id, attemptNo, channelConfigId };
    if (!isFinal(payment.status) && !(await isDisputable(transaction, charged, event.dispute))) {
      throw failure(
        'NotFound',
        'What is disputed has not been seen to be charged yet: first that, then its dispute.',
      );
    }
    const charge = await standingOfCharge(transaction, { ...charged, chargeRef: event.chargeRef });
    const excess =
      dispute === undefined ? doubtAbout(event.dispute, charge.room ?? askedFor(payment)) : undefined;
    if (excess !== undefined) return setAside(held, inboxId, { reason: excess });
    const steps = disputeSteps(dispute?.status, event.dispute);
    for (const to of steps) {
      dispute =
        dispute === undefined
          ? await open(held, told, { ...charged, ...charge })
          : await end(held, told, dispute, to);
    }
    await (steps.length > 0 ? settleAsApplied : ignoreArrivals)(transaction, [inboxId]);
    return { progress: dispute && progressOf(dispute) };
  }

  async function setAside(
    { transaction, payment }: Held,
    inboxId: string,
    { reason, dispute }: { reason: string; dispute?: StoredDispute },
  ): Promise<Applied> {
    const isNew = await setArrivalAside(transaction, inboxId, { paymentId: payment.id, reason });
    return { progress: dispute && progressOf(dispute), setAsideFor: isNew ? reason : undefined };
  }

  async function open(
    held: Held,
    { inboxId, channelConfigId, event }: SignalledDisputeEvent,
    { attemptNo, standing, chargeRef }: { attemptNo: number } & StandingCharge,
  ): Promise<StoredDispute> {
    const { transaction, payment } = held;
    const { providerRef, amountMinor, currency, reasonCode, evidenceDueAt } = event.dispute;
    const isOfPayment = standing === 'payment';
    const isLateMoney = standing === 'accepted';
    const channel = await deps.channelOf(channelConfigId);
    const inserted = await insertDispute(transaction, {
      ...{ paymentId: payment.id, attemptNo, channelConfigId },
      id: deps.newId(),
      merchantId: payment.merchantId,
      mode: payment.mode,
      channel: channel?.provider.name ?? 'unknown',
      providerRef,
      chargeRef,
      amount: BigInt(amountMinor),
      currency,
      reasonCode,
      evidenceDueAt: evidenceDueAt === undefined ? undefined : new Date(evidenceDueAt),
      takenFrom: isOfPayment || isLateMoney ? 'pending' : undefined,
      isLateMoney,
      exchange: isOfPayment ? await exchangeOf(held, { attemptNo, channelConfigId }, event) : undefined,
    });
    const dispute = await changeDispute(transaction, inserted.id, { wakeAt: changes.wakeAt(inserted) });
    await changes.tell(held, dispute, {
      type: 'dispute.opened',
      // Late money moves without its payment, which stays what it is, and whose own money may be refunded as before.
      // So does what was captured while more may be: the payment is disputed when it ends.
      paymentTo: isOfPayment && isPaid(payment.status) ? 'disputed' : undefined,
      cause: { by: 'webhook', key: `event:${inboxId}` },
    });
    await post(held, holdJournals(dispute, toldAt(payment, event), payment.conversion));
    return dispute;
  }

  async function end(
    held: Held,
    { inboxId, event }: SignalledDisputeEvent,
    dispute: StoredDispute,
    to: DisputeStatus,
  ): Promise<StoredDispute> {
    const isWon = to === 'won';
    const isElsewhere = !isWon && dispute.takenFrom === undefined;
    const charge = { ...dispute, chargeRef: dispute.chargeRef ?? event.chargeRef };
    const lost = isElsewhere ? await loseCharge(held.transaction, charge, dispute) : undefined;
    const fee = isWon ? undefined : channelFeeOf(held, dispute, event);
    const after = await changes.step(held, dispute, {
      type: isWon ? 'dispute.won' : 'dispute.lost',
      change: {
        ...{ to, fee, chargeRef: lost?.chargeRef, fromSuspense: lost?.fromSuspense },
        takesLateMoney: lost?.standing === 'accepted',
      },
      paymentTo: isWon ? await statusAfterVictory(held, dispute) : undefined,
      cause: { by: 'webhook', key: `event:${inboxId}:${to}` },
    });
    await post(held, journalsOfEnd(held, after, { event, lost }));
    if (isWon) await bringBackDisputeNews(held.transaction, held.payment.id);
    return after;
  }

  /** What was lost stays disputed: that money can't be refunded any more. */
  async function statusAfterVictory({ transaction, payment }: Held, dispute: StoredDispute) {
    if (dispute.takenFrom === undefined || dispute.isLateMoney || !isPaid(payment.status)) return undefined;
    if (await isDisputedOtherwise(transaction, payment.id, dispute.id)) return undefined;
    return statusAfterDispute(payment);
  }

  function journalsOfEnd(
    { payment }: Held,
    dispute: StoredDispute,
    { event, lost: charge }: { event: DisputeEvent; lost?: LostCharge },
  ) {
    const at = toldAt(payment, event);
    if (dispute.status === 'won') return wonJournals(dispute, at, payment.conversion);
    const { fee } = plannedFees(payment, dispute);
    const { conversion } = payment;
    const lost = lostJournals(dispute, at, { fee, conversion });
    // Nothing was withheld, for nobody had decided yet; since then the money has become the merchant's.
    return charge?.standing === 'accepted' ? [...holdJournals(dispute, at, conversion), ...lost] : lost;
  }

  /** Of a payment that was exchanged: what the merchant gives for the disputed amount. */
  async function exchangeOf(
    { transaction, payment }: Held,
    charge: { attemptNo: number; channelConfigId: string },
    { dispute: { amountMinor, currency } }: DisputeEvent,
  ): Promise<ExchangeShare | undefined> {
    if (payment.conversion === undefined || currency !== payment.currency) return undefined;
    const funded = await fundedPayment(transaction, payment, charge);
    return fundDispute(funded, BigInt(amountMinor)).exchange;
  }

  async function post({ transaction }: Held, journals: Parameters<typeof deps.ledger.post>[1]) {
    if (journals.length > 0) await deps.ledger.post(transaction, journals);
  }
}

/** What a charge that nobody has heard of can be of at most. */
function askedFor({ amount, currency }: Held['payment']): Money {
  return { amount, currency };
}

/** A channel's clock may be wrong by years: the books, which take no such time, must not hold a dispute up for that. */
function toldAt({ id }: Held['payment'], { occurredAt }: DisputeEvent): Date {
  return effectiveTime({ movedAt: occurredAt }, id);
}

/** What the channel says that it took, or else what its prices say. */
function channelFeeOf({ payment }: Held, dispute: StoredDispute, { dispute: { feeMinor } }: DisputeEvent) {
  return feeMinor === undefined ? plannedFees(payment, dispute).channelCost : BigInt(feeMinor);
}

/** By what was pinned for the attempt. */
function plannedFees(payment: Held['payment'], dispute: StoredDispute) {
  return disputeFees(chargedPlans(payment, dispute), dispute.amount);
}
