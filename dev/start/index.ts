import { mkdirSync } from 'node:fs';
import { SettingsError } from '../../config/settings';
import { tryLock } from '../stack/file-lock';
import { startStack, type Stack } from '../stack/stack';
import { lockFileOf, removeStackFile, stateFolder, writeStackFile } from '../stack/stack-file';
import { portsFromEnvironment } from '../stack/stack-ports';
import { supervise } from './supervise';
import { welcome } from './welcome';

const began = Date.now();
const stopping = new AbortController();
let onStop: (() => Promise<void>) | undefined;

/** The first Ctrl-C stops in order, also in the middle of a start; a second one, a moment later, does not wait. */
let firstSignalAt = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (firstSignalAt === 0) {
      firstSignalAt = Date.now();
      console.log('\nStopping …');
      stopping.abort(new Error('stopped'));
      if (onStop) void onStop();
    } else if (Date.now() - firstSignalAt > 1_000) {
      // The keeper, which outlives this process for a moment, ends the rest.
      console.log('Leaving at once.');
      process.exit(130);
    }
  });
}

async function main(): Promise<void> {
  const folder = stateFolder();
  mkdirSync(folder, { recursive: true });
  const lock = tryLock(lockFileOf(folder));
  if ('holder' in lock) {
    console.error(
      `A Durapay stack of this folder is running already (pid ${lock.holder.pid}): use it, or stop it with Ctrl-C there ` +
        `(kill ${lock.holder.pid}). A second one beside it needs its own DURAPAY_STATE and ports.`,
    );
    process.exitCode = 1;
    return;
  }
  removeStackFile(folder);
  try {
    const stack = await startStack({
      stateFolder: folder,
      ports: portsFromEnvironment(process.env),
      temporalAddress: process.env.TEMPORAL_ADDRESS || undefined,
      report: (line) => console.log(line),
      signal: stopping.signal,
    });
    await run(stack, folder);
  } finally {
    lock.release();
  }
}

async function run(stack: Stack, folder: string): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    let isStopping = false;
    onStop = async () => {
      if (isStopping) return;
      isStopping = true;
      removeStackFile(folder);
      await stack.stop().then(resolve, reject);
    };
    supervise(stack.children, {
      report: (line) => console.error(line),
      giveUp: () => {
        process.exitCode = 1;
        void onStop?.();
      },
    });
  });
  if (stopping.signal.aborted) void onStop?.();
  else {
    writeStackFile(folder, stack);
    console.log(welcome(stack, folder, Date.now() - began));
  }
  await ended;
  console.log('Stopped.');
}

main().catch((error: unknown) => {
  if (stopping.signal.aborted) {
    console.log('Stopped.');
    process.exitCode = 130;
    return;
  }
  console.error(error instanceof SettingsError || error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
