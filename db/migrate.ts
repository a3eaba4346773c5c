import { loadSettings } from '../config/settings';
import { createKnex } from './knex';

/** `npm run migrate`: brings the database to this build's schema; safe to repeat and to run from several hosts. */
async function main(): Promise<void> {
  const settings = loadSettings();
  const knex = createKnex(settings.DATABASE_OWNER_URL ?? settings.DATABASE_URL);
  try {
    const [batch, names] = (await knex.migrate.latest()) as [number, string[]];
    console.log(names.length === 0 ? 'The schema is up to date.' : `Batch ${batch}: ${names.join(', ')}`);
  } finally {
    await knex.destroy();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
