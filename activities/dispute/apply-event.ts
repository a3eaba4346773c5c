import { disputeSteps, statusAfterDispute, type DisputeStatus } from '../../domain/dispute/status';
import { disputeFees } from '../../domain/fees/payment-fees';
import type { DisputeEvent } from '../../domain/payment/outcome';
import { parseAttemptReference } from '../../domain/payment/reference';
import { isFinal, isPaid } from '../../domain/payment/status';
import {
  changeDispute,
  dispositionOfCharge,
  takeFromSuspense,
  insertDispute,
  isDisputedOtherwise,
  loadDispute,
  type StoredDispute,
} from '../../db/stores/disputes-store';
import { fundDispute, type ExchangeShare } from '../../domain/refund/funding';
import { ignoreArrivals, settleAsApplied } from '../../db/stores/webhook-inbox-store';
import type { DisputeProgress, SignalledDisputeEvent } from '../../workflows/contracts';
import { failure } from '../failures';
import { fundedPayment } from '../refund/funded-payment';
import { progressOf, type DisputeChanges, type Held } from './change';
import type { DisputeDeps } from './deps';
import { holdJournals, lostJournals, wonJournals } from './journals';

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
    return changes.holding(attempt.paymentId, async (held) => {
      if (!isFinal(held.payment.status)) {
        throw failure(
          'NotFound',
          'The payment has not been seen to succeed yet: first that, then its dispute.',
        );
      }
      const { channelConfigId, event } = told;
      const name = { channelConfigId, providerRef: event.dispute.providerRef };
      let dispute = await loadDispute(held.transaction, name, { lock: true });
      const steps = disputeSteps(dispute?.status, event.dispute);
      for (const to of steps) {
        dispute =
          dispute === undefined
            ? await open(held, told, attempt.attemptNo)
            : await end(held, told, dispute, to);
      }
      await (steps.length > 0 ? settleAsApplied : ignoreArrivals)(held.transaction, [told.inboxId]);
      return dispute && progressOf(dispute);
    });
  };

  async function open(
    held: Held,
    { inboxId, channelConfigId, event }: SignalledDisputeEvent,
    attemptNo: number,
  ): Promise<StoredDispute> {
    const { transaction, payment } = held;
    const { providerRef, amountMinor, currency, reasonCode, evidenceDueAt } = event.dispute;
    const charge = { paymentId: payment.id, attemptNo, channelConfigId };
    const isTheirs = isPaid(payment.status) && (await dispositionOfCharge(transaction, charge)) === 'payment';
    const channel = await deps.channelOf(channelConfigId);
    const inserted = await insertDispute(transaction, {
      ...charge,
      id: deps.newId(),
      merchantId: payment.merchantId,
      mode: payment.mode,
      channel: channel?.provider.name ?? 'unknown',
      providerRef,
      amount: BigInt(amountMinor),
      currency,
      reasonCode,
      evidenceDueAt: evidenceDueAt === undefined ? undefined : new Date(evidenceDueAt),
      takenFrom: isTheirs ? 'pending' : undefined,
      exchange: isTheirs ? await exchangeOf(held, channelConfigId, event) : undefined,
    });
    const dispute = await changeDispute(transaction, inserted.id, { wakeAt: changes.wakeAt(inserted) });
    await changes.tell(held, dispute, {
      type: 'dispute.opened',
      paymentTo: isTheirs ? 'disputed' : undefined,
      cause: { by: 'webhook', key: `event:${inboxId}` },
    });
    await post(held, holdJournals(dispute, new Date(event.occurredAt), payment.conversion));
    return dispute;
  }

  async function end(
    held: Held,
    { inboxId, event }: SignalledDisputeEvent,
    dispute: StoredDispute,
    to: DisputeStatus,
  ): Promise<StoredDispute> {
    const isWon = to === 'won';
    const fee = isWon ? undefined : channelFeeOf(held, dispute, event);
    const after = await changes.step(held, dispute, {
      type: isWon ? 'dispute.won' : 'dispute.lost',
      change: { to, fee },
      paymentTo: isWon ? await statusAfterVictory(held, dispute) : undefined,
      cause: { by: 'webhook', key: `event:${inboxId}:${to}` },
    });
    await post(held, await journalsOfEnd(held, after, event));
    return after;
  }

  /** What was lost stays disputed: that money can't be refunded any more. */
  async function statusAfterVictory({ transaction, payment }: Held, dispute: StoredDispute) {
    if (dispute.takenFrom === undefined) return undefined;
    if (await isDisputedOtherwise(transaction, payment.id, dispute.id)) return undefined;
    return statusAfterDispute(payment);
  }

  async function journalsOfEnd({ transaction, payment }: Held, dispute: StoredDispute, event: DisputeEvent) {
    const at = new Date(event.occurredAt);
    if (dispute.status === 'won') return wonJournals(dispute, at, payment.conversion);
    const isHeldAside = dispute.takenFrom === undefined && (await takeFromSuspense(transaction, dispute));
    const { fee } = plannedFees(payment, dispute);
    const { conversion } = payment;
    return lostJournals(dispute, at, { fee, conversion, elsewhere: isHeldAside ? 'suspense' : 'settled' });
  }

  /** Of a payment that was exchanged: what the merchant gives for the disputed amount. */
  async function exchangeOf(
    { transaction, payment }: Held,
    channelConfigId: string,
    { dispute: { amountMinor, currency } }: DisputeEvent,
  ): Promise<ExchangeShare | undefined> {
    if (payment.conversion === undefined || currency !== payment.currency) return undefined;
    const funded = await fundedPayment(transaction, payment, channelConfigId);
    return fundDispute(funded, BigInt(amountMinor)).exchange;
  }

  async function post({ transaction }: Held, journals: Parameters<typeof deps.ledger.post>[1]) {
    if (journals.length > 0) await deps.ledger.post(transaction, journals);
  }
}

/** What the channel says that it took, or else what its prices say. */
function channelFeeOf({ payment }: Held, dispute: StoredDispute, { dispute: { feeMinor } }: DisputeEvent) {
  return feeMinor === undefined ? plannedFees(payment, dispute).channelCost : BigInt(feeMinor);
}

/** By what was pinned when the payment began. Plans are in its currency: they say nothing of another one. */
function plannedFees({ fees, currency }: Held['payment'], dispute: StoredDispute) {
  const pinned = dispute.currency === currency ? fees : undefined;
  return disputeFees(pinned, dispute.channelConfigId, dispute.amount);
}
