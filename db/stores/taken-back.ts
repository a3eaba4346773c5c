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

/** Of a dispute's row: it withholds, or has taken, its payment's own money. */
export const takesOwnMoney = `status <> 'won' and taken_from is not null and not late_money`;

/**
 * How much of a payment's own money disputes take; read under its lock. One in another currency says nothing of how much
 * is meant, so it is taken to mean all.
 */
export async function disputedOf(
  database: Queryable,
  payment: { id: string; currency: string; captured: bigint },
): Promise<bigint> {
  const { rows } = await database.query<{ disputed: bigint }>(
    `select coalesce(sum(case when currency = $2 then amount else $3::numeric end), 0) as disputed
     from disputes where payment_id = $1 and ${takesOwnMoney}`,
    [payment.id, payment.currency, payment.captured],
  );
  return rows[0]?.disputed ?? 0n;
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
       where payment_id = $1 and ${takesOwnMoney}
     ) taken`,
    [paymentId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('A sum has a row.');
  const { has_fee_to_come: hasFeeToCome, ...sums } = row;
  return { ...sums, hasFeeToCome };
}
