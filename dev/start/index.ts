import { loadSettings } from '../../config/settings';
import { interruptedCode, interruption } from '../interruption';
import { readArguments } from '../read-arguments';
import { tryLock } from '../stack/file-lock';
import { makeFolder } from '../stack/make-folder';
import { startStack, type Stack } from '../stack/stack';
import { lockFileOf, removeStackFile, stateFolder, writeStackFile } from '../stack/stack-file';
import { inWords } from '../stack/state-trouble';
import { portsFromEnvironment } from '../stack/stack-ports';
import { supervise } from './supervise';
import { watchTemporal } from './watch-temporal';
import { welcome } from './welcome';

const began = Date.now();
/** Also in the middle of a start. What a second Ctrl-C leaves, the keeper ends, which outlives this process for a moment. */
const stopping = interruption(() => console.log('\nStopping …'));

async function main(): Promise<void> {
  readArguments('start', {});
  const folder = stateFolder();
  makeFolder(folder);
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
      signal: stopping,
    });
    await run(stack, folder);
  } finally {
    lock.release();
  }
}

async function run(stack: Stack, folder: string): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    let isStopping = false;
    const watching = new AbortController();
    const stop = async () => {
      if (isStopping) return;
      isStopping = true;
      watching.abort();
      removeStackFile(folder);
      await stack.stop().then(resolve, reject);
    };
    supervise(stack.children, {
      report: (line) => console.error(line),
      giveUp: () => {
        process.exitCode = 1;
        void stop();
      },
    });
    if (stack.children.temporal) {
      const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = loadSettings(stack.env);
      const report = (line: string) => console.error(line);
      void watchTemporal(stack.children.temporal, { address, namespace, report, signal: watching.signal });
    }
    if (stopping.aborted) void stop();
    else stopping.addEventListener('abort', () => void stop());
  });
  if (!stopping.aborted) {
    writeStackFile(folder, stack);
    console.log(welcome(stack, folder, Date.now() - began));
  }
  await ended;
  console.log('Stopped.');
}

main().catch((error: unknown) => {
  if (stopping.aborted) {
    console.log('Stopped.');
    process.exitCode = interruptedCode;
    return;
  }
  console.error(inWords(error, stateFolder()));
  process.exitCode = 1;
});
