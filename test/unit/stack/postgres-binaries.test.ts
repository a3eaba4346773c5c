import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openCopy } from '../../../dev/stack/postgres-binaries';

let outer: string;
let installed: string;
let before: number;

/** As npm installs it for a person whose files are nobody else's business. */
beforeEach(() => {
  before = process.umask(0o077);
  outer = mkdtempSync(path.join(tmpdir(), 'durapay-binaries-'));
  installed = path.join(outer, 'installed');
  mkdirSync(path.join(installed, 'bin'), { recursive: true });
  for (const program of ['postgres', 'initdb']) {
    writeFileSync(path.join(installed, 'bin', program), program);
    chmodSync(path.join(installed, 'bin', program), 0o700);
  }
  writeFileSync(path.join(installed, 'timezones'), 'UTC');
});
afterEach(() => {
  process.umask(before);
  rmSync(outer, { recursive: true, force: true });
});

const mode = (...place: string[]) => (statSync(path.join(...place)).mode & 0o777).toString(8);

test('everybody may run and read the copy, however closed the programs were installed', () => {
  const elsewhere = path.join(outer, 'lib', 'durapay');
  const copy = openCopy(installed, elsewhere);
  expect([elsewhere, copy, path.join(copy, 'bin')].map((place) => mode(place))).toEqual([
    '755',
    '755',
    '755',
  ]);
  expect(mode(copy, 'bin', 'initdb')).toBe('755');
  expect(mode(copy, 'timezones')).toBe('644');
});

test('a copy that was made closed is opened', () => {
  const elsewhere = path.join(outer, 'durapay');
  const copy = openCopy(installed, elsewhere);
  for (const place of [path.join(copy, 'bin', 'initdb'), copy, elsewhere]) chmodSync(place, 0o700);
  expect(openCopy(installed, elsewhere)).toBe(copy);
  expect([elsewhere, copy, path.join(copy, 'bin', 'initdb')].map((place) => mode(place))).toEqual([
    '755',
    '755',
    '755',
  ]);
  expect(existsSync(`${copy}.${process.pid}`)).toBe(false);
});
