import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { makeOpenFolder } from './make-folder';
import { canReach, type Account } from './postgres-account';

const noteIn = (folder: string) => path.join(folder, 'postgres-home');
const ownerFileIn = (home: string) => path.join(home, 'state-folder');
const passwordsIn = (folder: string) => path.join(folder, 'postgres-passwords.json');
const insideOf = (folder: string) => path.join(realpathSync(folder), 'postgres');
const hasData = (home: string) => existsSync(path.join(home, 'data'));

/**
 * The state folder, unless the account PostgreSQL must run under can't get there (a checkout under /root): then a folder
 * `elsewhere` that is the state folder's own. The note `postgres-home` says which, and a file there says whose it is: a
 * state folder may be moved, and copied, and two of them must never work on the same data.
 */
export function homeOf(folder: string, account: Account | undefined, elsewhere: string): string {
  mkdirSync(folder, { recursive: true });
  if (account) letThrough(folder, account);
  const inside = insideOf(folder);
  if (hasData(inside)) return homeInside(folder, account);
  const named = namedHome(folder);
  if (named !== undefined && named !== inside) return homeElsewhere(folder, named, account);
  if (!account || canReach(account, folder)) return homeInside(folder, account);
  return homeElsewhere(folder, newHome(folder, elsewhere), account);
}

/** Where the data of a state folder lie, as far as it says. */
export function postgresHome(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  const inside = insideOf(folder);
  if (hasData(inside)) return inside;
  return placeIn(noteIn(folder)) ?? (existsSync(inside) ? inside : undefined);
}

/** Removes what the folder is known to own outside itself; returns the place it names and that is not known to be its own. */
export function removeHomeElsewhere(folder: string): string | undefined {
  const named = placeIn(noteIn(folder));
  if (named === undefined || named === insideOf(folder) || !existsSync(named)) return undefined;
  if (ownerOf(named, folder) !== realpathSync(folder)) return named;
  rmSync(named, { recursive: true, force: true });
  return undefined;
}

/** A fresh temporary folder is closed to others: passing through it, without looking around, is all that is needed. */
function letThrough(folder: string, account: Account): void {
  if (!canReach(account, folder) && canReach(account, path.dirname(path.resolve(folder))))
    chmodSync(folder, statSync(folder).mode | 0o011);
}

function homeInside(folder: string, account: Account | undefined): string {
  const inside = insideOf(folder);
  refuseTwoPlaces(folder, inside);
  mkdirSync(inside, { recursive: true, mode: 0o755 });
  if (account) giveTo(account, inside);
  // Older versions wrote one here too, and it tells of the folder's old place once that is moved.
  rmSync(noteIn(folder), { force: true });
  return inside;
}

function homeElsewhere(folder: string, home: string, account: Account | undefined): string {
  refuseForeign(folder, home);
  writeFileSync(ownerFileIn(home), `${realpathSync(folder)}\n`);
  if (account) giveTo(account, home);
  return home;
}

/** Never one that is there already: a checkout that was removed has left its data, which no other can read. */
function newHome(folder: string, elsewhere: string): string {
  makeOpenFolder(elsewhere);
  const home = mkdtempSync(path.join(elsewhere, 'postgres-'));
  writeFileSync(ownerFileIn(home), `${realpathSync(folder)}\n`);
  writeFileSync(noteIn(folder), `${home}\n`);
  return home;
}

function giveTo(account: Account, home: string): void {
  chownSync(home, account.uid, account.gid);
  if (!hasData(home) || canReach(account, path.join(home, 'data'))) return;
  throw new Error(
    `PostgreSQL runs as the user "postgres", who can't get at its data in ${home}: let that user pass through the ` +
      `folders above (chmod o+x), and own the data (chown -R postgres ${home}).`,
  );
}

/** A folder that was moved under an older version got a new database at its old place, beside the one it had. */
function refuseTwoPlaces(folder: string, inside: string): void {
  const named = placeIn(noteIn(folder));
  if (named === undefined || named === inside || !hasData(named)) return;
  if (existsSync(passwordsIn(path.dirname(named)))) return; // of the folder that this one is a copy of
  throw new Error(
    `PostgreSQL's data lie in ${inside} and in ${named}, which ${noteIn(folder)} names: put those that you need into ` +
      `${inside}, and move the others away.`,
  );
}

function refuseForeign(folder: string, home: string): void {
  const self = realpathSync(folder);
  const note = noteIn(folder);
  if (!existsSync(home))
    throw new Error(
      `${note} says that PostgreSQL's data lie in ${home}, which is not there: put it back, or begin anew with ` +
        '"npm run reset".',
    );
  const owner = ownerOf(home, folder);
  const ownData = `give ${self} data of its own with "npm run reset" there, which leaves those in ${home} alone.`;
  if (owner === undefined)
    throw new Error(
      `${note} says that PostgreSQL's data lie in ${home}, but not whether they are those of ${self}: if that folder ` +
        `was moved, write ${self} into ${ownerFileIn(home)}; if it is a copy, ${ownData}`,
    );
  // An owner that is gone, or has another home now, was moved to here.
  if (owner !== self && placeIn(noteIn(owner)) === home)
    throw new Error(
      `PostgreSQL's data in ${home} are those of ${owner}, of which ${self} is a copy: use that one, or ${ownData}`,
    );
}

/** Older versions did not write it down: what they made for a folder is known by its name. */
function ownerOf(home: string, folder: string): string | undefined {
  return (
    placeIn(ownerFileIn(home)) ??
    (path.basename(home) === olderName(folder) ? realpathSync(folder) : undefined)
  );
}

const olderName = (folder: string) =>
  createHash('sha256').update(insideOf(folder)).digest('hex').slice(0, 16);

function namedHome(folder: string): string | undefined {
  const note = noteIn(folder);
  const place = placeIn(note);
  if (place !== undefined || !existsSync(note)) return place;
  throw new Error(
    `${note} is damaged (it names no folder): write into it where PostgreSQL's data lie, or begin anew with "npm run reset".`,
  );
}

function placeIn(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  const place = readFileSync(file, 'utf8').trim();
  return path.isAbsolute(place) ? place : undefined;
}
