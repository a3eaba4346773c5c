import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const folder = mkdtempSync(path.join(tmpdir(), 'durapay-arguments-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(file: string, ...given: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--require', require.resolve('tsx/cjs'), file, ...given],
    {
      cwd: path.join(__dirname, '..', '..', '..'),
      env: { ...process.env, DURAPAY_STATE: folder },
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}

test.each([
  ['start', 'dev/start/index.ts'],
  ['reset', 'dev/reset.ts'],
  ['demo', 'dev/demo/index.ts'],
  ['audit', 'dev/audit.ts'],
  ['new-channel', 'dev/new-channel/index.ts'],
  ['replay', 'test/replay/index.ts'],
  ['bench', 'test/bench/index.ts'],
  ['faults', 'test/faults/index.ts'],
  ['load', 'test/load/index.ts'],
])('npm run %s does nothing when it is asked in words that it does not know', (command, file) => {
  const kept = path.join(folder, 'kept');
  writeFileSync(kept, 'data');
  const { status, stdout, stderr } = run(file, '--hepl');
  expect(status).toBeGreaterThan(0);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^Unknown option '--hepl'.*\nUsage: .*\n$/);
  expect(stderr).toContain(command === 'start' ? 'npm start' : `npm run ${command}`);
  expect(existsSync(kept)).toBe(true);
});

test.each([
  ['dev/audit.ts', ['--seconds', '31'], '--seconds wants a whole number from 1 to 30, not "31".'],
  ['dev/demo/index.ts', ['--story', 'nope'], 'There is no story "nope"; there is: '],
  ['test/bench/index.ts', ['--only', 'nope'], 'There is no group "nope".'],
  [
    'test/faults/index.ts',
    ['--operations=-5'],
    '--operations wants a whole number from 1 to 100000, not "-5".',
  ],
])('%s %j says what it takes', (file, given, said) => {
  const { status, stderr } = run(file, ...given);
  expect(status).toBeGreaterThan(0);
  expect(stderr.startsWith(said)).toBe(true);
  expect(stderr).toMatch(/\nUsage: /);
});
