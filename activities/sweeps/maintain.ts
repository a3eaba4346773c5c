import type { Database } from '../../db/pool';

const monthly = ['payments', 'payment_attempts', 'payment_events'];
const daily = ['outbox', 'callback_tries'];
const aheadCount = 12;

/** Makes partitions ahead of time; without them nothing could be written when the last one ends. */
export function createMaintain(deps: { database: Database }) {
  return async function maintain(): Promise<{ partitionsMade: number }> {
    let partitionsMade = 0;
    for (const [tables, step] of [[monthly, 'month'] as const, [daily, 'day'] as const]) {
      for (const table of tables) {
        const { rows } = await deps.database.query<{ made: number }>(
          'select ensure_partitions($1, $2, $3) as made',
          [table, step, aheadCount],
        );
        partitionsMade += rows[0]?.made ?? 0;
      }
    }
    return { partitionsMade };
  };
}
