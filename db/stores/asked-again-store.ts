import type { Queryable } from '../pool';

/** A command is answered with an attempt that another one had begun: for ever, so it is written before it is told. */
export async function noteAskedAgain(
  database: Queryable,
  { paymentId, attemptNo, key }: { paymentId: string; attemptNo: number; key: string },
): Promise<void> {
  await database.query(
    `update payment_attempts set asked_again = array_append(asked_again, $3)
     where payment_id = $1 and attempt_no = $2 and $3 <> all (asked_again)`,
    [paymentId, attemptNo, key],
  );
}

export async function wasAskedAgain(database: Queryable, paymentId: string, key: string): Promise<boolean> {
  const { rows } = await database.query(
    'select from payment_attempts where payment_id = $1 and $2 = any (asked_again) limit 1',
    [paymentId, key],
  );
  return rows.length > 0;
}
