import type { AttemptFees } from '../../domain/fees/contracts';
import type { Queryable } from '../pool';

/** Of the payment in `row`, by number: written with an attempt and never changed. */
export const attemptFeesOf = (row: string) =>
  `(select jsonb_object_agg(attempt_no, fees) from payment_attempts where payment_id = ${row}.id and fees is not null)`;

export async function loadAttemptFees(
  database: Queryable,
  paymentId: string,
): Promise<AttemptFees | undefined> {
  const { rows } = await database.query<{ fees: AttemptFees | null }>({
    name: 'attempt-fees',
    text: `select ${attemptFeesOf('p')} as fees from (select $1::uuid as id) p`,
    values: [paymentId],
  });
  return rows[0]?.fees ?? undefined;
}
