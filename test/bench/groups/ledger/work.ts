import { randomUUID } from 'node:crypto';
import { newId } from '../../../../db/ids';
import { accountId, accountName } from '../../../../db/stores/ledger-accounts';
import { publicId } from '../../../../domain/ids';
import { channelReceivable, merchantAccount } from '../../../../domain/ledger/account';
import { transfer, type Journal } from '../../../../domain/ledger/journal';
import { successJournal } from '../../../../domain/ledger/payment-journals';
import { inEachOf } from '../../load/closed-loop';
import { connections, type Books } from './books';

const channelConfigId = randomUUID();
const mode = 'live';

/** As many as an arm has: their accounts are open before anything is measured. */
export function someMerchants(count: number): string[] {
  return Array.from({ length: count }, () => newId());
}

/** A success with fee and channel cost: six postings on four accounts. */
export function aSuccessFor(merchantId: string): Journal {
  const paymentId = newId();
  return successJournal({
    reference: `${publicId('payment', paymentId)}-1`,
    mode,
    effectiveAt: new Date(),
    workflowId: `payment/${mode}/${merchantId}/${paymentId}`,
    paymentId,
    merchantId,
    channelConfigId,
    amount: { amount: 10_000n, currency: 'USD' },
    fee: 320n,
    channelCost: 290n,
  });
}

const postingsOfASuccess = 6;
const journalsAtOnce = 1_000;

/** So many postings, merchant after merchant, as fast as the ledger takes them. */
export async function fillWith(
  { database, ledger }: Books,
  merchants: readonly string[],
  postings: number,
  signal: AbortSignal,
): Promise<void> {
  let left = Math.ceil(postings / postingsOfASuccess);
  let next = 0;
  await inEachOf(connections, async () => {
    while (left > 0) {
      signal.throwIfAborted();
      const count = Math.min(left, journalsAtOnce);
      left -= count;
      const journals = Array.from({ length: count }, () => {
        next = (next + 1) % merchants.length;
        return aSuccessFor(merchants[next] ?? '');
      });
      await ledger.post(database, journals);
    }
  });
  await settled({ database, ledger }, signal);
}

/** An account with so many postings; how many of them came together is nothing that reading its balance knows. */
export async function fillOneAccount(books: Books, postings: number, signal: AbortSignal): Promise<string> {
  const owner = merchantAccount(mode, newId(), 'pending', 'USD');
  const receivable = channelReceivable(mode, channelConfigId, 'USD');
  const linesAtOnce = 400;
  for (let left = postings; left > 0; left -= linesAtOnce) {
    signal.throwIfAborted();
    const count = Math.min(left, linesAtOnce);
    const head = { reference: `${publicId('payment', newId())}-1`, mode, effectiveAt: new Date() } as const;
    const postingsOfIt = Array.from({ length: count }, () => transfer(receivable, owner, 100n)).flat();
    await books.ledger.post(books.database, [
      { ...head, kind: 'success', links: {}, postings: postingsOfIt },
    ]);
  }
  await settled(books, signal);
  return accountId(accountName(owner));
}

/** Until the sealer has been through it, and PostgreSQL knows how much there is. */
export async function settled({ database }: Books, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const { rows } = await database.query<{ unsealed: boolean }>(
      `select exists (select from ledger_journals
         where tx >= coalesce((select tx_until from ledger_blocks order by no desc limit 1), '0'::xid8)) as unsealed`,
    );
    if (rows[0]?.unsealed === false) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
