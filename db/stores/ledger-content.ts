import { createHash } from 'node:crypto';
import type { Journal } from '../../domain/ledger/journal';
import type { KnownAccounts } from './ledger-accounts';

/**
 * What a journal says, without when it was handed in: a repeat after a crash carries another time and is the same
 * journal all the same.
 */
export function contentHash(known: KnownAccounts, journal: Journal): Buffer {
  const { links } = journal;
  const fields = [
    journal.kind,
    journal.mode,
    links.paymentId,
    links.refundId,
    links.disputeId,
    links.withdrawalId,
    links.settlementId,
    journal.reason,
    journal.approvedBy,
    ...journal.postings.map(({ account, amount }) => `${known.of(account).id} ${amount}`),
  ];
  return createHash('sha256')
    .update(JSON.stringify(fields.map((field) => field ?? null)))
    .digest();
}
