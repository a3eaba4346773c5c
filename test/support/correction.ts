import { newId } from '../../db/ids';
import type { Database } from '../../db/pool';
import { addAdjustment, decideAdjustment } from '../../db/stores/ledger-adjustments-store';
import { createLedger } from '../../db/stores/ledger-store';
import { inTransaction } from '../../db/transaction';
import { publicId } from '../../domain/ids';
import { balanceOnNormalSide, type Account } from '../../domain/ledger/account';
import { adjustmentJournal } from '../../domain/ledger/adjustment-journal';
import type { Journal } from '../../domain/ledger/journal';
import { keyIn } from './keys';

/** A correction that two people made, as the account's owner reads it, with its journal unless it is left out. */
export async function correct(
  database: Database,
  account: Account,
  amount: bigint,
  { isBooked = true } = {},
): Promise<Journal> {
  const [id, requester, approver] = [newId(), await keyIn(database), await keyIn(database)];
  const reason = 'counted';
  const made = adjustmentJournal({
    ...{ reference: publicId('adjustment', id), mode: account.mode, effectiveAt: new Date(), account },
    ...{ amount: balanceOnNormalSide(account.kind, amount), reason },
    ...{ requestedBy: publicId('apiKey', requester), approvedBy: publicId('apiKey', approver) },
  });
  if (!made.ok) throw new Error(made.reason);
  await inTransaction(database, async (transaction) => {
    await addAdjustment(transaction, { id, account, amount, reason, requestedBy: requester });
    await decideAdjustment(transaction, id, { status: 'approved', by: approver });
    if (isBooked) await createLedger().post(transaction, [made.journal]);
  });
  return made.journal;
}
