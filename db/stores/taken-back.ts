import type { ExchangeShare, TakenBack } from '../../domain/refund/funding';
import type { Queryable } from '../pool';

/** As it stands in the rows of refunds and disputes: digits. */
export type StoredShare = { [Part in keyof ExchangeShare]: string };

export function writeShare({ source, target, worth }: ExchangeShare): string {
  const stored: StoredShare = {
    source: source.toString(),
    target: target.toString(),
    worth: worth.toString(),
  };
  return JSON.stringify(stored);
}

export function readShare(stored: StoredShare | null): ExchangeShare | undefined {
  if (stored === null) return undefined;
  return { source: BigInt(stored.source), target: BigInt(stored.target), worth: BigInt(stored.worth) };
}

/** What refunds and disputes hold of a payment's own money or have cost: those that failed or were won gave it back. */
export async function takenBackOf(database: Queryable, paymentId: string): Promise<TakenBack> {
  const { rows } = await database.query<Omit<TakenBack, 'hasFeeToCome'> & { has_fee_to_come: boolean }>(
    `select coalesce(sum(amount) filter (where is_refund), 0) as refunded, coalesce(sum(fee), 0) as fee,
       coalesce(sum(amount - coalesce(fee, 0)), 0) as merchant,
       coalesce(sum((exchange ->> 'target')::numeric), 0) as target,
       coalesce(sum((exchange ->> 'worth')::numeric), 0) as worth,
       coalesce(bool_or(is_refund and fee is null), false) as has_fee_to_come
     from (
       select amount, fee_set_aside as fee, exchange, true as is_refund from refunds
       where payment_id = $1 and kind = 'merchant' and status <> 'failed' and reserved_at is not null
       union all
       select amount, null, exchange, false from disputes
       where payment_id = $1 and status <> 'won' and taken_from is not null and not late_money
     ) taken`,
    [paymentId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('A sum has a row.');
  const { has_fee_to_come: hasFeeToCome, ...sums } = row;
  return { ...sums, hasFeeToCome };
}
