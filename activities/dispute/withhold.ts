import { presentDispute } from '../../domain/dispute/present';
import type { Transaction } from '../../db/pool';
import { changeDispute, runningDisputesOf } from '../../db/stores/disputes-store';
import { changeLockedPayment, type LockedPayment } from '../../db/stores/paid-payments-store';
import type { SuspendedMoney } from '../../db/stores/suspense-store';
import { tellMerchant } from '../payment/tell-merchant';
import type { DisputeDeps } from './deps';
import { holdJournals } from './journals';

/**
 * Late money may have been disputed before it became the merchant's: what is disputed of it is withheld in the moment
 * in which it does, and never more than the merchant is given. True if the merchant is told.
 */
export async function withholdDisputed(
  { ledger, newId }: Pick<DisputeDeps, 'ledger' | 'newId'>,
  transaction: Transaction,
  { payment, held }: { payment: LockedPayment; held: SuspendedMoney },
): Promise<boolean> {
  let isTold = false;
  let left = held.amount;
  for (const { id, amount, currency, wakeAt = null } of await runningDisputesOf(transaction, held)) {
    if (currency !== held.currency || amount > left) continue;
    left -= amount;
    const { providerRef: chargeRef } = held;
    const dispute = await changeDispute(transaction, id, { takesLateMoney: true, chargeRef, wakeAt });
    const eventId = newId();
    const type = 'dispute.withheld';
    payment.version = await changeLockedPayment(transaction, payment, {
      eventId,
      type,
      cause: { by: 'durapay', key: `dispute:${id}:withheld`, disputeId: id },
    });
    await ledger.post(transaction, holdJournals(dispute, new Date(), undefined));
    const also = { dispute: presentDispute(dispute) };
    if (await tellMerchant(transaction, { eventId, paymentId: payment.id, type, also })) isTold = true;
  }
  return isTold;
}
