import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from './make-folder';
import { identify, isRunning, type ProcessIdentity } from './process-identity';

const RETRY_MS = 200;

/** Takes the lock, or says who holds it. A lock whose holder is gone is nobody's. */
export function tryLock(file: string): { release: () => void } | { holder: ProcessIdentity } {
  const self = identify(process.pid);
  if (!self) throw new Error('This process can not be found in the process table.');
  makeFolder(path.dirname(file));
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(self));
  try {
    for (;;) {
      try {
        // A link appears with its content or not at all: nobody reads a half-written lock.
        linkSync(draft, file);
        return { release: () => rmSync(file, { force: true }) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = holderOf(file);
      if (holder) return { holder };
      rmSync(file, { force: true });
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Who holds the lock at this moment, if anybody who is alive does. */
function holderOf(file: string): ProcessIdentity | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
    return isRunning(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

export async function withFileLock<T>(file: string, waitMsMax: number, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + waitMsMax;
  for (;;) {
    const lock = tryLock(file);
    if ('release' in lock) {
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    if (Date.now() > deadline) throw new Error(`${file} is held by process ${lock.holder.pid}`);
    await sleep(RETRY_MS);
  }
}
