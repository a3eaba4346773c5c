import { notCalledCode } from '../../domain/payment/uncalled';
import type { Queryable } from '../pool';

/** Whether a channel has taken up any attempt before this one: those that certainly did nothing do not count. */
export async function wasBegun(
  db: Queryable,
  { paymentId, before }: { paymentId: string; before: number },
): Promise<boolean> {
  if (before === 1) return false;
  const { rows } = await db.query(
    `select from payment_attempts where payment_id = $1 and attempt_no < $2
       and status <> 'unavailable' and error ->> 'code' is distinct from $3 limit 1`,
    [paymentId, before, notCalledCode],
  );
  return rows.length > 0;
}
