import { loadSomeSettings } from '../config/settings';
import { bringUpToDate } from './bring-up-to-date';
import { runCommand } from './run-command';

/** `npm run migrate`: brings the database to this build's schema; safe to repeat and to run from several hosts. */
void runCommand(() => {
  const setting = process.env.DATABASE_OWNER_URL ? 'DATABASE_OWNER_URL' : 'DATABASE_URL';
  const { [setting]: url = '' } = loadSomeSettings([setting]);
  return {
    setting,
    url,
    async run() {
      const names = await bringUpToDate(url);
      console.log(
        names.length === 0 ? 'The schema is up to date.' : `Brought up to date: ${names.join(', ')}`,
      );
    },
  };
});
