import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import usages from '../../../dev/usages.json';
import { scripts } from '../../../package.json';

const root = path.join(__dirname, '..', '..', '..');
const folder = mkdtempSync(path.join(tmpdir(), 'durapay-arguments-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(file: string, ...given: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--require', require.resolve('tsx/cjs'), file, ...given],
    {
      cwd: root,
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

const beginning = 'node dev/run.js ';
const commands = Object.entries(scripts).filter(([, script]) => script.startsWith(beginning));

test('npm run demo --list, without "--", plays nothing: npm has kept the option to itself', () => {
  const env = { ...process.env, DURAPAY_STATE: folder, npm_lifecycle_event: 'demo', npm_config_list: 'true' };
  const { status, stdout, stderr } = spawnSync(process.execPath, scripts.demo.split(' ').slice(1), {
    ...{ cwd: root, env, encoding: 'utf8' },
  });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(
    /^npm has kept --list to itself: options stand behind "--"\.\nUsage: npm run demo \[-- /,
  );
});

test.each(commands)('npm run %s says what it does when it is asked for help', (command, script) => {
  for (const asked of ['--help', '-h']) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [...script.slice('node '.length).split(' '), asked],
      { cwd: root, env: { ...process.env, DURAPAY_STATE: folder }, encoding: 'utf8' },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const called = ['start', 'test'].includes(command) ? `npm ${command}` : `npm run ${command}`;
    expect(stdout).toMatch(new RegExp(`^Usage: .*${called}\\b.*\n  \\S.*\n$`));
  }
});

/** Each would write, or run for minutes: they must not even begin. */
test.each(commands.filter(([name]) => !usages[name as keyof typeof usages][0]?.includes('-- ')))(
  'npm run %s, which takes nothing, does nothing when it is given something',
  (command, script) => {
    for (const given of [['--hepl'], ['hepl'], ['--', 'hepl']]) {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [...script.slice('node '.length).split(' '), ...given],
        { cwd: root, env: { ...process.env, DURAPAY_STATE: folder }, encoding: 'utf8', timeout: 20_000 },
      );
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      const called = ['start', 'test'].includes(command) ? `npm ${command}` : `npm run ${command}`;
      expect(stderr).toMatch(new RegExp(`^Un\\w+ .*hepl.*\nUsage: ${called}\\b.*\n$`));
    }
  },
);

test('npm test, migrate, operator-key and openapi take nothing', () => {
  for (const command of ['start', 'reset', 'test', 'migrate', 'operator-key', 'openapi'] as const)
    expect(usages[command][0]).not.toContain('-- ');
});

test('the usage of bench names the groups there are', () => {
  const [, named = ''] = /--only (\S+)\]/.exec(usages.bench[0] ?? '') ?? [];
  expect(named.split('|').sort()).toEqual(readdirSync(path.join(root, 'test', 'bench', 'groups')).sort());
});

test('npm run load looks for a stack before it looks for k6', () => {
  const { status, stdout, stderr } = run('test/load/index.ts');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^No stack runs here: start one with npm start/);
});

test.each([
  ['dev/audit.ts', ['--seconds', '0'], '--seconds wants a whole number from 1 to 99999, not "0".'],
  ['dev/audit.ts', ['--api', 'http://127.0.0.1:1'], '--api wants the key of an operator with it'],
  ['dev/demo/index.ts', ['--story', 'nope', '--story', 'payment'], 'There is no story "nope"; there is: '],
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
