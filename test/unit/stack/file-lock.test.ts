import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { tryLock, withFileLock } from '../../../dev/stack/file-lock';
import { identify } from '../../../dev/stack/process-identity';

describe('a file lock', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'durapay-lock-'));
    file = path.join(folder, 'lock');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('names its holder, and is free again when released', () => {
    const first = tryLock(file);
    expect(tryLock(file)).toEqual({ holder: identify(process.pid) });
    if ('release' in first) first.release();
    expect(existsSync(file)).toBe(false);
    expect(tryLock(file)).toHaveProperty('release');
  });

  it('is nobody’s when its holder is gone, also when another process has that pid now', () => {
    writeFileSync(file, JSON.stringify({ pid: process.pid, startedAt: 'at another time' }));
    expect(tryLock(file)).toHaveProperty('release');
  });

  it('is nobody’s when it can not be read', () => {
    writeFileSync(file, '{"pid":');
    expect(tryLock(file)).toHaveProperty('release');
  });

  it('lets one at a time in', async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside -= 1;
    };
    await Promise.all([1, 2, 3].map(() => withFileLock(file, 5_000, work)));
    expect(most).toBe(1);
  });

  it('waits no longer than it was told', async () => {
    tryLock(file);
    await expect(withFileLock(file, 50, async () => 'in')).rejects.toThrow(`held by process ${process.pid}`);
  });
});
