import type { Queryable } from '../pool';

export interface DroppedDays {
  /** YYYYMMDD, as the partitions are named. */
  dropped: string[];
  /** Old enough, but with callbacks that are neither delivered nor abandoned: somebody should look. */
  unsettled: string[];
}

const daysPerSweepMax = 31;

/** For the maintenance sweep: drops whole days of callbacks and their tries, oldest first. */
export async function dropOldCallbackDays(database: Queryable, keepDays: number): Promise<DroppedDays> {
  const dropped: string[] = [];
  for (let i = 0; i < daysPerSweepMax; i++) {
    const { rows } = await database.query<{ day: string; outcome: 'dropped' | 'unsettled' | 'busy' }>(
      'select day, outcome from drop_oldest_callback_day($1)',
      [keepDays],
    );
    const last = rows.at(-1);
    if (last?.outcome === 'dropped') {
      dropped.push(last.day);
      continue;
    }
    return {
      dropped,
      unsettled: rows.filter(({ outcome }) => outcome === 'unsettled').map(({ day }) => day),
    };
  }
  return { dropped, unsettled: [] };
}
