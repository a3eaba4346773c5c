import type { Database } from '../../db/pool';
import { dropOldCallbackDays } from '../../db/stores/callback-retention';
import { dropOldCallMonths } from '../../db/stores/integration-calls-store';
import { idempotencyRetentionMs, sweepIdempotencyKeys } from '../../db/stores/idempotency-keys-store';

const monthly = [
  'payments',
  'payment_attempts',
  'payment_events',
  'payment_captures',
  'payment_histories',
  'refunds',
  'integration_calls',
];
const daily = ['outbox', 'callback_tries'];
/** No more than needed: each statement that can't name one partition is planned with all of them. */
const monthsAhead = 3;
const daysAhead = 12;
/** Retries go on for three days; the rest is for whoever wants to see what was sent, or have it sent again. */
const callbackDaysKept = 14;
/** At most so many in one run; the next one takes the rest. */
const expiredKeys = { olderThanMs: idempotencyRetentionMs, batchMax: 1_000, batchesMax: 100 };

/** Makes partitions ahead of time, for without them nothing could be written when the last one ends; drops old ones. */
export function createMaintain(deps: {
  database: Database;
  callLogDaysKept: number;
  watchCredentials(): Promise<{ due: number }>;
}) {
  return async function maintain(): Promise<Record<string, number>> {
    let partitionsMade = 0;
    for (const [tables, step, ahead] of [
      [monthly, 'month', monthsAhead] as const,
      [daily, 'day', daysAhead] as const,
    ]) {
      for (const table of tables) {
        const { rows } = await deps.database.query<{ made: number }>(
          'select ensure_partitions($1, $2, $3) as made',
          [table, step, ahead],
        );
        partitionsMade += rows[0]?.made ?? 0;
      }
    }
    const { dropped, unsettled } = await dropOldCallbackDays(deps.database, callbackDaysKept);
    return {
      partitionsMade,
      callMonthsDropped: await dropOldCallMonths(deps.database, deps.callLogDaysKept),
      callbackDaysDropped: dropped.length,
      callbackDaysUnsettled: unsettled.length,
      credentialsDue: (await deps.watchCredentials()).due,
      idempotencyKeysRemoved: await sweepIdempotencyKeys(deps.database, expiredKeys),
    };
  };
}
