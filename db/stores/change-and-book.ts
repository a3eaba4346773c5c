import type { Journal } from '../../domain/ledger/journal';
import type { Database } from '../pool';
import { inTransaction } from '../transaction';
import type { JournalPart, Ledger } from './ledger-store';
import { changePayment, type PaymentChange } from './payments-store';

/**
 * A payment's state and its books change together or not at all. Usually in one statement, and so in one round trip;
 * in a transaction of several where accounts are to be opened, or a reference turns out to be taken.
 * False if the row is no longer where the change starts from.
 */
export async function changeAndBook(
  database: Database,
  ledger: Ledger,
  change: PaymentChange,
  journals: readonly Journal[],
): Promise<boolean> {
  if (journals.length === 0) return changePayment(database, change);
  const part = ledger.asPart(journals);
  const outcome = part === undefined ? 'taken' : await inOneStatement(database, change, part);
  if (outcome !== 'taken') return outcome;
  return inTransaction(database, async (transaction) => {
    if (!(await changePayment(transaction, change))) return false;
    await ledger.post(transaction, journals);
    return true;
  });
}

async function inOneStatement(
  database: Database,
  change: PaymentChange,
  part: JournalPart,
): Promise<boolean | 'taken'> {
  try {
    return await changePayment(database, change, part);
  } catch (error) {
    const refusal = part.readError(error);
    if (refusal === 'taken') return refusal;
    throw refusal ?? error;
  }
}
