import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
const read = () =>
  keptFile(file, { dataFolder: path.join(folder, 'data'), make: () => ({ no: (made += 1) }) });
const makeData = () => mkdirSync(path.join(folder, 'data'));

test('what was made at first is what is read ever after', () => {
  const first = read();
  expect(read()).toEqual(first);
  makeData();
  expect(read()).toEqual(first);
});

test('missing beside data that needs it, it is asked for, and no other one is made', () => {
  makeData();
  expect(() => read()).toThrow(
    `${file} is missing, and the data in ${path.join(folder, 'data')} can't be read without it: put it back as it was, or begin anew with "npm run reset", which deletes that data.`,
  );
  expect(existsSync(file)).toBe(false);
});

test('damaged, it is named, and stays as it is', () => {
  writeFileSync(file, 'garbage\n');
  expect(() => read()).toThrow(/secrets\.json is damaged \(.*JSON.*\): put it back/s);
  expect(readFileSync(file, 'utf8')).toBe('garbage\n');
});
