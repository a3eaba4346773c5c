import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * The folder, and what is missing above it. One by one from the nearest that is there: under /proc, where a folder can't
 * be made and the system says ENOENT, Node's own `recursive` tries for ever.
 */
export function makeFolder(folder: string): void {
  const above = path.dirname(folder);
  if (above !== folder && !existsSync(above)) makeFolder(above);
  try {
    mkdirSync(folder);
  } catch (error) {
    if (!isFolder(folder)) throw error;
  }
}

/** One that others may pass through and read, whatever the umask takes from what is made. */
export function makeOpenFolder(folder: string): void {
  makeFolder(folder);
  chmodSync(folder, 0o755);
}

function isFolder(at: string): boolean {
  return statSync(at, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
