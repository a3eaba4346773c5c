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

/** One that is killed is replaced; one that can't stay is not started for ever. */
const livesMax = 10;

export function createKeeper(): Keeper {
  const watched = new Map<number, object>();
  const others: object[] = [];
  let lives = 0;
  let isDismissed = false;
  let keeper = launch();

  function launch(): ChildProcess {
    lives += 1;
    const process = fork(path.join(__dirname, 'keeper-process.js'), [], {
      execArgv: [],
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    // It must not hold up this process's end: its own end is what the keeper waits for.
    process.unref();
    process.channel?.unref();
    process.on('error', () => undefined);
    process.once('exit', replace);
    return process;
  }

  function replace(): void {
    if (isDismissed || lives >= livesMax) return;
    keeper = launch();
    for (const message of [...others, ...watched.values()]) tell(message);
  }

  function tell(message: object): void {
    if (keeper.connected) keeper.send(message, () => undefined);
  }

  function remember(message: object): void {
    others.push(message);
    tell(message);
  }

  return {
    watch(identity, signal) {
      const message = { watch: { ...identity, signal } };
      watched.set(identity.pid, message);
      tell(message);
    },
    forget(pid) {
      watched.delete(pid);
      tell({ forget: pid });
    },
    unlink: (file) => remember({ unlink: file }),
    remove: (folder) => remember({ remove: folder }),
    dismiss() {
      isDismissed = true;
      if (keeper.connected) keeper.disconnect();
    },
  };
}
