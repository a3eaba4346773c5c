import type { AttemptName } from '../../domain/payment/reference';
import type { Queryable } from '../pool';

/** What was charged for a payment, each charge or capture for itself. */
export async function chargedAmounts(database: Queryable, paymentId: string): Promise<bigint[]> {
  const { rows } = await database.query<{ amount: bigint }>(
    `select amount from provider_charges where payment_id = $1 and disposition = 'payment' order by capture_no`,
    [paymentId],
  );
  return rows.map(({ amount }) => amount);
}

/** Whose charge it is at this very account: the database has let it belong to one attempt only. */
export async function findChargedAttempt(
  database: Queryable,
  { channelConfigId, providerRef }: { channelConfigId: string; providerRef: string },
): Promise<AttemptName | undefined> {
  const { rows } = await database.query<{ payment_id: string; attempt_no: number }>(
    'select payment_id, attempt_no from provider_charges where channel_config_id = $1 and provider_ref = $2',
    [channelConfigId, providerRef],
  );
  return rows[0] && { paymentId: rows[0].payment_id, attemptNo: rows[0].attempt_no };
}

/** Whether this account has charged it, whatever became of the money. */
export async function isAttemptCharged(
  database: Queryable,
  { paymentId, attemptNo, channelConfigId }: AttemptName & { channelConfigId: string },
): Promise<boolean> {
  const { rowCount } = await database.query(
    `select 1 from provider_charges where payment_id = $1 and attempt_no = $2 and channel_config_id = $3 limit 1`,
    [paymentId, attemptNo, channelConfigId],
  );
  return rowCount !== 0;
}

/** The database refused a charge because one of that number, or in that place, is on the books already. */
export function isChargeTaken(error: unknown): boolean {
  const { code, constraint } = error as { code?: string; constraint?: string };
  return code === '23505' && constraint?.startsWith('provider_charges_') === true;
}
