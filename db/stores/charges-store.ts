import type { Queryable } from '../pool';

/** What was charged for a payment, each charge or capture for itself. */
export async function chargedAmounts(database: Queryable, paymentId: string): Promise<bigint[]> {
  const { rows } = await database.query<{ amount: bigint }>(
    `select amount from provider_charges where payment_id = $1 and disposition = 'payment' order by capture_no`,
    [paymentId],
  );
  return rows.map(({ amount }) => amount);
}
