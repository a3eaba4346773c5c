import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { tryLock } from './stack/file-lock';
import { endOrphans } from './stack/orphans';
import { postgresHome } from './stack/postgres';
import { lockFileOf, stateFolder } from './stack/stack-file';

const STATE = [
  'bundle',
  'kpay-book.jsonl',
  'logs',
  'postgres',
  'postgres-home',
  'postgres-passwords.json',
  'run',
  'secrets.json',
  'stack.json',
  'stack.lock',
  'temporal',
];

/** `npm run reset`: removes the embedded stack's data, secrets and logs. The next start begins anew. */
async function main(): Promise<void> {
  const folder = stateFolder();
  if (!existsSync(folder)) {
    console.log(`There is nothing to remove: ${folder} does not exist.`);
    return;
  }
  const lock = tryLock(lockFileOf(folder));
  if ('holder' in lock) {
    console.error(
      `The stack is running (pid ${lock.holder.pid}): stop it first with Ctrl-C, or kill ${lock.holder.pid}.`,
    );
    process.exitCode = 1;
    return;
  }
  await endOrphans(path.join(folder, 'run'));
  const home = postgresHome(folder);
  if (home) rmSync(home, { recursive: true, force: true });
  // Only what the stack made: DURAPAY_STATE may name a folder that holds other things as well.
  for (const name of STATE) rmSync(path.join(folder, name), { recursive: true, force: true });
  if (readdirSync(folder).length === 0) rmdirSync(folder);
  console.log(`Removed the stack's state in ${folder}.`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
