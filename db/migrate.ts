import { loadSomeSettings } from '../config/settings';
import { createKnex } from './knex';
import { runCommand } from './run-command';

/** `npm run migrate`: brings the database to this build's schema; safe to repeat and to run from several hosts. */
void runCommand(() => {
  const setting = process.env.DATABASE_OWNER_URL ? 'DATABASE_OWNER_URL' : 'DATABASE_URL';
  const { [setting]: url = '' } = loadSomeSettings([setting]);
  return { setting, url, run: () => migrate(url) };
});

async function migrate(url: string): Promise<void> {
  const knex = createKnex(url);
  try {
    const [batch, names] = (await knex.migrate.latest()) as [number, string[]];
    console.log(names.length === 0 ? 'The schema is up to date.' : `Batch ${batch}: ${names.join(', ')}`);
  } finally {
    await knex.destroy();
  }
}
