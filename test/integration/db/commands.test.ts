import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { bringUpToDate } from '../../../db/bring-up-to-date';
import { migrationNames } from '../../../db/migration-source';
import { isApiKey } from '../../../security/api-keys';
import { emptyDatabase, freshDatabase, type FreshDatabase } from '../../support/database';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

/** As `npm run migrate` does, with these settings and no others. */
function run(command: 'migrate' | 'operator-key', settings: NodeJS.ProcessEnv, ...more: string[]) {
  const { PATH, HOME } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--require', require.resolve('tsx/cjs'), path.join('db', `${command}.ts`), ...more],
    { cwd: path.join(__dirname, '..', '..', '..'), env: { PATH, HOME, ...settings }, encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

test('migrations ask for the owner’s address alone', () => {
  const ended = run('migrate', { DATABASE_OWNER_URL: database.ownerUrl });
  expect(ended).toEqual({ status: 0, stdout: 'The schema is up to date.\n', stderr: '' });
});

test('migrations from several hosts at once take turns, on an empty database too', async () => {
  const empty = await emptyDatabase();
  const brought = await Promise.all(Array.from({ length: 3 }, () => bringUpToDate(empty.ownerUrl)));
  expect(brought.map(({ length }) => length).sort((one, other) => one - other)).toEqual([
    0,
    0,
    migrationNames.length,
  ]);
  await empty.drop();
});

test('an operator’s key asks for the application’s address alone', () => {
  const { status, stdout, stderr } = run('operator-key', { DATABASE_URL: database.url });
  expect([status, stderr]).toEqual([0, '']);
  expect(isApiKey(stdout.trim())).toBe(true);
});

test('what is missing or wrong is told, all of it, and nothing that is not asked for', () => {
  expect(run('migrate', {})).toMatchObject({
    status: 1,
    stderr: 'Bad settings:\n  - DATABASE_URL is not set: .env.example says what it is for\n',
  });
  const { status, stderr } = run('operator-key', {
    DATABASE_URL: 'mysql://nowhere',
    DATABASE_STATEMENT_TIMEOUT_MS: 'soon',
    ENCRYPTION_KEYS: 'none',
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^Bad settings:\n {2}- DATABASE_URL: .*\n {2}- DATABASE_STATEMENT_TIMEOUT_MS: .*\n$/,
  );
});

test.each([
  ['migrate', 'DATABASE_OWNER_URL'],
  ['operator-key', 'DATABASE_URL'],
] as const)('%s tells in a line that nobody answers, and where', (command, setting) => {
  const ended = run(command, { [setting]: 'postgres://me:secret@127.0.0.1:1/durapay' });
  expect(ended).toEqual({
    status: 1,
    stdout: '',
    stderr: `connect ECONNREFUSED 127.0.0.1:1 (the database is the one of ${setting}, 127.0.0.1:1)\n`,
  });
});

test('arguments are not taken', () => {
  const { status, stderr } = run('migrate', { DATABASE_OWNER_URL: database.ownerUrl }, '--down');
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^Unknown option '--down'.*\n$/)]);
});
