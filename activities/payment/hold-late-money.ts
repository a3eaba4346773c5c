import type { MovedMoney } from '../../domain/payment/outcome';
import type { AttemptName, Mode } from '../../domain/payment/reference';
import { capturedOf } from '../../db/stores/captures-store';
import { holdLateCharge } from '../../db/stores/late-charges-store';
import { inTransaction } from '../../db/transaction';
import { payFromSuspense } from '../dispute/pay-from-suspense';
import type { PaymentDeps } from './deps';
import { suspenseIn } from './journals';

export interface LateMoney {
  address: { paymentId: string; mode: Mode; merchantId: string; orderId: string };
  attempt: AttemptName;
  channelConfigId: string;
  told: MovedMoney;
  /** The event that told it; left out where the channel was asked. */
  inboxId?: string;
}

/** Money for a payment that has ended is written down as suspense, once, whoever tells of it and how often. */
export function createHoldLateMoney(deps: PaymentDeps) {
  return async function holdLateMoney(late: LateMoney): Promise<'held' | 'known'> {
    const { address, attempt, channelConfigId, inboxId } = late;
    const charge = await beyondCaptures(attempt, late.told);
    if (charge === undefined) return 'known';
    const { attemptNo } = attempt;
    const isNew = await inTransaction(deps.database, async (transaction) => {
      const { paymentId } = address;
      const eventId = deps.newId();
      const row = { paymentId, attemptNo, channelConfigId, charge, inboxId, eventId };
      if (!(await holdLateCharge(transaction, row))) return false;
      const suspended = { ...address, attemptNo, channelConfigId, charge };
      await deps.ledger.post(transaction, [suspenseIn(suspended)]);
      // A dispute may have been lost before anybody told of the money.
      await payFromSuspense(deps, transaction, { channelConfigId, providerRef: charge.providerRef });
      return true;
    });
    if (isNew) deps.suspenseHeld({ channelConfigId, providerRef: charge.providerRef });
    return isNew ? 'held' : 'known';
  };

  /** A reserved charge is told with the total of its captures, and those are on the books one by one. */
  async function beyondCaptures(attempt: AttemptName, told: MovedMoney): Promise<MovedMoney | undefined> {
    const captured = await capturedOf(deps.database, { ...attempt, providerRef: told.providerRef });
    const beyond = BigInt(told.amountMinor) - captured;
    return beyond > 0n ? { ...told, amountMinor: beyond.toString() } : undefined;
  }
}
