import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeFolder } from '../../../dev/stack/make-folder';

const root = path.join(__dirname, '..', '..', '..');
let place: string;
beforeEach(() => {
  place = mkdtempSync(path.join(tmpdir(), 'durapay-folder-'));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

it('makes what is missing, and leaves what is there', () => {
  const folder = path.join(place, 'one', 'two', 'three');
  makeFolder(folder);
  writeFileSync(path.join(folder, 'kept'), '');
  makeFolder(folder);
  expect(statSync(path.join(folder, 'kept')).isFile()).toBe(true);
});

it('says what the system says where a file is in the way', () => {
  const file = path.join(place, 'file');
  writeFileSync(file, '');
  expect(() => makeFolder(file)).toThrow(/^EEXIST/);
  expect(() => makeFolder(path.join(file, 'below'))).toThrow(/^ENOTDIR/);
});

const onLinux = existsSync('/proc/self') ? it : it.skip;

onLinux.each(['/proc/durapay', '/proc/durapay/state'])(
  'npm start with its state in %s ends, and says what to do',
  (folder) => {
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--require', require.resolve('tsx/cjs'), 'dev/start/index.ts'],
      { cwd: root, env: { ...process.env, DURAPAY_STATE: folder }, encoding: 'utf8', timeout: 30_000 },
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(
      new RegExp(
        `^The state folder ${folder} can not be written \\(ENOENT: .*\\): let this user write there, or name another folder`,
      ),
    );
  },
);
