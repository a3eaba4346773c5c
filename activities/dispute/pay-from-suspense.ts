import { publicId } from '../../domain/ids';
import { disputeMadeUpJournal } from '../../domain/ledger/dispute-journals';
import type { SuspenseKey } from '../../domain/suspense/suspense-id';
import type { Transaction } from '../../db/pool';
import { takeFromSuspense } from '../../db/stores/disputed-charges-store';
import { changeDispute, lostDisputesOf } from '../../db/stores/disputes-store';
import { disputeWorkflowId } from '../../workflows/contracts';
import type { DisputeDeps } from './deps';

/**
 * A dispute that is lost while its late money is being given back, or before the news of that money has come, is paid by
 * the platform. When the money lies in suspense after all it pays for the dispute, so that nobody is given what is gone.
 * The payment's row is locked.
 */
export async function payFromSuspense(
  { ledger }: Pick<DisputeDeps, 'ledger'>,
  transaction: Transaction,
  key: SuspenseKey,
): Promise<void> {
  for (const dispute of await lostDisputesOf(transaction, key)) {
    const { id, mode, paymentId, currency } = dispute;
    const unpaid = { amount: dispute.amount - dispute.fromSuspense, currency };
    const fromSuspense = await takeFromSuspense(transaction, key, unpaid);
    if (fromSuspense === 0n) continue;
    await changeDispute(transaction, id, { fromSuspense, chargeRef: key.providerRef, wakeAt: null });
    await ledger.post(transaction, [
      disputeMadeUpJournal({
        reference: publicId('dispute', id),
        ...{ mode, paymentId, disputeId: id },
        effectiveAt: new Date(),
        workflowId: disputeWorkflowId(dispute),
        amount: { amount: fromSuspense, currency },
      }),
    ]);
  }
}
