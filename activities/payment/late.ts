import { isFinal } from '../../domain/payment/status';
import type { MovedMoney } from '../../domain/payment/outcome';
import { parseAttemptReference, type AttemptName } from '../../domain/payment/reference';
import { capturedOf } from '../../db/stores/captures-store';
import { ignoreArrivals, loadArrival } from '../../db/stores/webhook-inbox-store';
import { holdLateCharge } from '../../db/stores/late-charges-store';
import { inTransaction } from '../../db/transaction';
import type { PaymentDeps } from './deps';
import { suspenseIn } from './journals';

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

    const { event, address } = arrival;
    const attempt = parseAttemptReference(event.reference ?? '');
    const told =
      event.about === 'charge' && event.status.kind === 'succeeded' ? event.status.charge : undefined;
    const charge = attempt && told && (await beyondCaptures(attempt, told));
    if (charge === undefined || address === undefined || attempt === undefined) {
      await ignoreArrivals(deps.database, [inboxId]);
      return 'changes_nothing';
    }
    const held = await inTransaction(deps.database, async (transaction) => {
      const isNew = await holdLateCharge(transaction, {
        paymentId: address.paymentId,
        attemptNo: attempt.attemptNo,
        channelConfigId: arrival.channelConfigId,
        charge,
        inboxId,
        eventId: deps.newId(),
      });
      if (isNew) {
        const late = {
          ...address,
          attemptNo: attempt.attemptNo,
          channelConfigId: arrival.channelConfigId,
          charge,
        };
        await deps.ledger.post(transaction, [
          suspenseIn({ ...late, effectiveAt: new Date(event.occurredAt) }),
        ]);
      }
      return isNew;
    });
    if (held)
      deps.suspenseHeld({ channelConfigId: arrival.channelConfigId, providerRef: charge.providerRef });
    return held ? 'held_in_suspense' : 'changes_nothing';
  };

  /** A reserved charge is told with the total of its captures, and those are on the books one by one. */
  async function beyondCaptures(attempt: AttemptName, told: MovedMoney): Promise<MovedMoney | undefined> {
    const captured = await capturedOf(deps.database, { ...attempt, providerRef: told.providerRef });
    const beyond = BigInt(told.amountMinor) - captured;
    return beyond > 0n ? { ...told, amountMinor: beyond.toString() } : undefined;
  }
}
