import { createKnex } from './knex';

/** Brings the database to this build's schema, as its owner; returns what was new. Several at once take turns. */
export async function bringUpToDate(ownerUrl: string): Promise<string[]> {
  const knex = createKnex(ownerUrl);
  try {
    return await knex.transaction(async (turn) => {
      // Knex's own lock is a table: where that is still to be made, two at once would fail.
      await turn.raw(`select pg_advisory_xact_lock(hashtextextended('durapay/migrations', 0))`);
      const [, names] = (await knex.migrate.latest()) as [number, string[]];
      return names;
    });
  } finally {
    await knex.destroy();
  }
}
