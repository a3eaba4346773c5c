import { isFinal } from '../../domain/payment/status';
import { parseAttemptReference } from '../../domain/payment/reference';
import { ignoreArrivals, loadArrival } from '../../db/stores/webhook-inbox-store';
import { holdLateCharge } from '../../db/stores/late-charges-store';
import type { PaymentDeps } from './deps';

export type LateOutcome = 'settled_before' | 'changes_nothing' | 'held_in_suspense' | 'payment_still_open';

/**
 * An event for a payment whose workflow has ended. Money that arrives now can't be the payment's any more, and
 * it is never dropped: it is written down as suspense, on the payment it came for.
 */
export function createRecordLate(deps: PaymentDeps) {
  return async function recordLate(inboxId: string): Promise<LateOutcome> {
    const arrival = await loadArrival(deps.database, inboxId);
    if (arrival === undefined || arrival.isSettled) return 'settled_before';
    if (arrival.address !== undefined && !isFinal(arrival.address.status)) return 'payment_still_open';

    const { status } = arrival.event;
    const attempt = parseAttemptReference(arrival.event.reference);
    if (status.kind !== 'succeeded' || arrival.address === undefined || attempt === undefined) {
      await ignoreArrivals(deps.database, [inboxId]);
      return 'changes_nothing';
    }
    const held = await holdLateCharge(deps.database, {
      paymentId: arrival.address.paymentId,
      attemptNo: attempt.attemptNo,
      channelConfigId: arrival.channelConfigId,
      charge: status.charge,
      inboxId,
      eventId: deps.newId(),
    });
    return held ? 'held_in_suspense' : 'changes_nothing';
  };
}
