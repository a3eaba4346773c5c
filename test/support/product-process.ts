import path from 'node:path';
import { createChild, type Child } from '../../dev/stack/child';
import type { Keeper } from '../../dev/stack/keeper';

const root = path.join(__dirname, '..', '..');

/** API or worker as a process of its own, for tests that kill it. */
export function productProcess(options: {
  name: 'api' | 'worker';
  entry: 'api/server' | 'workers/worker';
  /** From `compiledSources`. */
  build: string;
  env: NodeJS.ProcessEnv;
  folder: string;
  keeper: Keeper;
  isReady: () => Promise<boolean>;
}): Child {
  return createChild({
    name: options.name,
    command: process.execPath,
    args: [path.join(options.build, `${options.entry}.js`)],
    cwd: root,
    env: options.env,
    logFile: path.join(options.folder, `${options.name}.log`),
    stopSignal: 'SIGTERM',
    stopWithinMs: 20_000,
    readyWithinMs: 60_000,
    isReady: options.isReady,
    keeper: options.keeper,
  });
}
