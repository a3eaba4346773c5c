import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { ProcessIdentity } from './process-identity';

/** Stops what this process started even if this process is killed with SIGKILL. */
export interface Keeper {
  watch(identity: ProcessIdentity, stopSignal: NodeJS.Signals): void;
  forget(pid: number): void;
  /** Removes the file as soon as this process is gone: what it says is not so any more. */
  unlink(file: string): void;
  /** Removes the folder once this process and what it started is gone. */
  remove(folder: string): void;
  /** Lets the keeper go; it stops what it still watches and removes the folders. */
  dismiss(): void;
}

export function createKeeper(): Keeper {
  const keeper: ChildProcess = fork(path.join(__dirname, 'keeper-process.js'), [], {
    execArgv: [],
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  // It must not hold up this process's end: its own end is what the keeper waits for.
  keeper.unref();
  keeper.channel?.unref();
  keeper.on('error', () => undefined);
  const tell = (message: object) => {
    if (keeper.connected) keeper.send(message, () => undefined);
  };
  return {
    watch: (identity, signal) => tell({ watch: { ...identity, signal } }),
    forget: (pid) => tell({ forget: pid }),
    unlink: (file) => tell({ unlink: file }),
    remove: (folder) => tell({ remove: folder }),
    dismiss: () => {
      if (keeper.connected) keeper.disconnect();
    },
  };
}
