import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inWords } from '../../../dev/stack/state-trouble';

const errno = (code: string, message: string, at?: string) =>
  Object.assign(new Error(`${code}: ${message}`), { code, path: at });

test('a state folder that is a file says so, as the system does, and what to do', () => {
  const place = mkdtempSync(path.join(tmpdir(), 'durapay-trouble-'));
  const folder = path.join(place, 'state');
  writeFileSync(folder, '');
  let told = '';
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    told = inWords(error, folder);
  }
  rmSync(place, { recursive: true });
  expect(told).toMatch(
    /^The state folder \S+ can not be written \(EEXIST: .*\): let this user write there, or name another folder with DURAPAY_STATE\.$/,
  );
});

test.each([
  errno('ENOSPC', 'no space left on device, write'),
  new Error('COMMIT; - could not write to file "pg_wal/xlogtemp.1": No space left on device\n'),
])('a full disk is a full disk, whoever found out', (error) => {
  expect(inWords(error, '/data/state')).toBe(
    `The disk of /data/state is full (${error.message.trim()}): make room there, or name another folder with DURAPAY_STATE.`,
  );
});

test('servers that do not start with the data that is there: how to begin anew', () => {
  const error = new Error('postgres ended while starting (exit code 1).\nPANIC: could not read pg_control\n');
  expect(inWords(error, '/data/state')).toBe(
    `${error.message.trimEnd()}\nIf the data in /data/state is damaged, put a copy of it back, or begin anew with "npm run reset", which deletes all of it.`,
  );
});

test.each([
  errno('EACCES', 'permission denied, open', '/etc/other'),
  errno('EACCES', 'permission denied 127.0.0.1:80'),
  new Error('Port 8080 for the API is in use.'),
  new Error('temporal was not ready within 60000 ms.\nE Failed to connect to proxy'),
  new Error('postgres was not ready within 60000 ms.'),
])('what is not about the folder is left as it is', (error) => {
  expect(inWords(error, '/data/state')).toBe(error.message);
});
