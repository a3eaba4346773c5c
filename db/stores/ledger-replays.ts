import type { Queryable } from '../pool';
import { accountIdsOf, amountsOf, type NamedJournal } from './ledger-rows';

export interface TakenReference {
  reference: string;
  kind: string;
  mode: string;
  account_ids: string;
  amounts: string;
  payment_id: string | null;
  refund_id: string | null;
  dispute_id: string | null;
  withdrawal_id: string | null;
  settlement_id: string | null;
  reason: string | null;
  approved_by: string | null;
}

export async function findTakenReferences(
  db: Queryable,
  references: readonly string[],
): Promise<Map<string, TakenReference>> {
  const { rows } = await db.query<TakenReference>({
    name: 'ledger.taken_references',
    text: `select reference, kind, mode, account_ids::text, amounts::text, payment_id, refund_id, dispute_id,
             withdrawal_id, settlement_id, reason, approved_by
           from ledger_journals where reference = any ($1::text[])`,
    values: [references],
  });
  return new Map(rows.map((row) => [row.reference, row]));
}

/** Without the times: a repeat after a crash carries another, and is the same journal all the same. */
export function saysTheSame(row: TakenReference, named: NamedJournal): boolean {
  const { journal } = named;
  const { links } = journal;
  const pairs: [string | null, string | undefined][] = [
    [row.kind, journal.kind],
    [row.mode, journal.mode],
    [row.account_ids, accountIdsOf(named)],
    [row.amounts, amountsOf(named)],
    [row.payment_id, links.paymentId],
    [row.refund_id, links.refundId],
    [row.dispute_id, links.disputeId],
    [row.withdrawal_id, links.withdrawalId],
    [row.settlement_id, links.settlementId],
    [row.reason, journal.reason],
    [row.approved_by, journal.approvedBy],
  ];
  return pairs.every(([stored, given]) => stored === (given ?? null));
}
