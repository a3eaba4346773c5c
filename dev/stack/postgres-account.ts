import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';

export interface Account {
  uid: number;
  gid: number;
}

/** PostgreSQL refuses to run as root: then it runs as the system's `postgres`, who is made if there is none. */
export function postgresAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const existing = lookUp();
  if (existing) return existing;
  try {
    execFileSync('groupadd', ['--system', 'postgres'], { stdio: 'pipe' });
    execFileSync('useradd', ['--system', '--gid', 'postgres', '--no-create-home', 'postgres'], {
      stdio: 'pipe',
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new Error(
      `PostgreSQL does not run as root, and making a user "postgres" for it failed (${reason}). ` +
        'Make that user, or run this as another user than root.',
    );
  }
  const made = lookUp();
  if (!made) throw new Error('The user "postgres" was made, but "id -u postgres" does not know it.');
  return made;
}

function lookUp(): Account | undefined {
  try {
    const id = (flag: string) =>
      Number(
        execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
      );
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

/** Whether the account may pass through every folder down to `target`, and run it or look into it. */
export function canReach(account: Account, target: string): boolean {
  for (let place = path.resolve(target); ; place = path.dirname(place)) {
    if (existsSync(place) && !isOpen(account, place)) return false;
    if (place === path.dirname(place)) return true;
  }
}

function isOpen(account: Account, place: string): boolean {
  const { mode, uid, gid } = statSync(place);
  const bits = uid === account.uid ? mode >> 6 : gid === account.gid ? mode >> 3 : mode;
  return (bits & 0o1) === 0o1;
}
