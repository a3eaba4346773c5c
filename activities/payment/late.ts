import { dated } from '../../domain/payment/moved-at';
import { isFinal } from '../../domain/payment/status';
import { parseAttemptReference } from '../../domain/payment/reference';
import { ignoreArrivals, loadArrival } from '../../db/stores/webhook-inbox-store';
import type { PaymentDeps } from './deps';
import { createHoldLateMoney } from './hold-late-money';
import { leftBehind } from './left-behind';

export type LateOutcome =
  | 'settled_before'
  | 'changes_nothing'
  | 'held_in_suspense'
  | 'payment_still_open'
  /** Its workflow has it given back, and then settles the event. */
  | 'reserved_in_vain';

/**
 * An event for a payment whose workflow has ended. Money that arrives now can't be the payment's any more, and
 * it is never dropped: it is written down as suspense, on the payment it came for. Nor is what is only reserved.
 */
export function createRecordLate(deps: PaymentDeps) {
  const holdLateMoney = createHoldLateMoney(deps);

  return async function recordLate(inboxId: string): Promise<LateOutcome> {
    const arrival = await loadArrival(deps.database, inboxId);
    if (arrival === undefined) return 'settled_before';
    if ((await leftBehind(deps.database, arrival)) !== undefined) return 'reserved_in_vain';
    if (arrival.isSettled) return 'settled_before';
    if (arrival.address !== undefined && !isFinal(arrival.address.status)) return 'payment_still_open';

    const { address, channelConfigId } = arrival;
    const event = dated(arrival.event);
    const attempt = parseAttemptReference(event.reference ?? '');
    const told =
      event.about === 'charge' && event.status.kind === 'succeeded' ? event.status.charge : undefined;
    if (told !== undefined && address !== undefined && attempt !== undefined) {
      const late = { address, attempt, channelConfigId, told, inboxId };
      if ((await holdLateMoney(late)) === 'held') return 'held_in_suspense';
    }
    await ignoreArrivals(deps.database, [inboxId]);
    return 'changes_nothing';
  };
}
