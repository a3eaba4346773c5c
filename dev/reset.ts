import { existsSync } from 'node:fs';
import { readArguments } from './read-arguments';
import { tryLock } from './stack/file-lock';
import { removeState } from './stack/remove-state';
import { inWords } from './stack/state-trouble';
import { lockFileOf, stateFolder } from './stack/stack-file';

/** `npm run reset`: removes the embedded stack's data, secrets and logs. The next start begins anew. */
async function main(): Promise<void> {
  readArguments('reset', {});
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
  const left = await removeState(folder);
  console.log(`Removed the stack's state in ${folder}.`);
  if (left)
    console.log(`PostgreSQL's data in ${left} were left: they are not known to be those of this folder.`);
}

main().catch((error: unknown) => {
  console.error(inWords(error, stateFolder()));
  process.exitCode = 1;
});
