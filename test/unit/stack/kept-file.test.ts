import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { keptFile } from '../../../dev/stack/kept-file';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'durapay-kept-'));
  file = path.join(folder, 'secrets.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;
const read = (hasData: boolean) => keptFile(file, { hasData, make: () => ({ no: (made += 1) }) });

test('what was made at first is what is read ever after', () => {
  const first = read(false);
  expect(read(true)).toEqual(first);
  expect(read(false)).toEqual(first);
});

test('missing beside data that needs it, it is asked for, and no other one is made', () => {
  expect(() => read(true)).toThrow(
    `${file} is missing, and the data there can't be read without it: put it back as it was, or begin anew with "npm run reset", which deletes that data.`,
  );
  expect(existsSync(file)).toBe(false);
});

test('damaged, it is named, and stays as it is', () => {
  writeFileSync(file, 'garbage\n');
  expect(() => read(true)).toThrow(/secrets\.json is damaged \(.*JSON.*\): put it back/s);
  expect(readFileSync(file, 'utf8')).toBe('garbage\n');
});
