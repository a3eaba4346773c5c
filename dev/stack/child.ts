import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Keeper } from './keeper';
import type { RunNotes } from './orphans';
import { identify } from './process-identity';

const LOG_BYTES_MAX = 10_000_000;
const LOG_TAIL_LINES = 15;

export interface ChildSpec {
  name: string;
  command: string;
  args: string[];
  cwd?: string;
  env: NodeJS.ProcessEnv;
  /** The account it runs under, when this process is root and it must not be. */
  account?: { uid: number; gid: number };
  logFile: string;
  stopSignal: NodeJS.Signals;
  stopWithinMs: number;
  readyWithinMs: number;
  /** Asked every 100 ms until it answers true. */
  isReady: (pid: number) => Promise<boolean>;
  keeper: Keeper;
  notes?: RunNotes;
  /** Gives up a start in the middle. */
  signal?: AbortSignal;
}

/** One process of the stack: can be started, killed and started again. */
export interface Child {
  readonly name: string;
  readonly pid: number | undefined;
  readonly isRunning: boolean;
  readonly logFile: string;
  start(): Promise<void>;
  /** Asks it to end, waits, and kills it when it does not. */
  stop(): Promise<void>;
  /** Sends the signal; SIGKILL returns once the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Stops it if it runs, and starts it with the same settings. Returns when it is ready. */
  restart(): Promise<void>;
  /** Called whenever it ends without having been asked to. */
  onUnexpectedExit(listener: (how: string) => void): void;
  /** The log's last lines: what to show when it failed. */
  logTail(): string;
}

export function createChild(spec: ChildSpec): Child {
  let running: { process: ChildProcess; exited: Promise<string>; how?: string } | undefined;
  let isExpectedToEnd = false;
  const listeners: ((how: string) => void)[] = [];

  function launch(): NonNullable<typeof running> {
    mkdirSync(path.dirname(spec.logFile), { recursive: true });
    rollLog(spec.logFile);
    const log = openSync(spec.logFile, 'a');
    // A session of its own: Ctrl-C in the terminal reaches the runner alone, which then stops things in order.
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: spec.env,
      stdio: ['ignore', log, log],
      detached: true,
      ...(spec.account ?? {}),
    });
    closeSync(log);
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (identity) {
      spec.keeper.watch(identity, spec.stopSignal);
      spec.notes?.running(spec.name, identity, spec.stopSignal);
    }
    const exited = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) =>
        resolve(signal === null ? `exit code ${code}` : `signal ${signal}`),
      );
    });
    const launched: NonNullable<typeof running> = { process: child, exited };
    void exited.then((how) => {
      launched.how = how;
      if (child.pid !== undefined) spec.keeper.forget(child.pid);
      if (running === launched) {
        running = undefined;
        spec.notes?.ended(spec.name);
      }
      if (!isExpectedToEnd) for (const listener of listeners) listener(how);
    });
    return launched;
  }

  async function start(): Promise<void> {
    if (running) return;
    spec.signal?.throwIfAborted();
    isExpectedToEnd = true; // until it is ready, `start` itself reports
    const launched = launch();
    running = launched;
    const deadline = Date.now() + spec.readyWithinMs;
    while (!(await spec.isReady(launched.process.pid ?? 0).catch(() => false))) {
      if (spec.signal?.aborted) await stop();
      spec.signal?.throwIfAborted();
      if (launched.how !== undefined)
        throw new Error(`${spec.name} ended while starting (${launched.how}).\n${logTail()}`);
      if (Date.now() > deadline) {
        await stop();
        throw new Error(`${spec.name} was not ready within ${spec.readyWithinMs} ms.\n${logTail()}`);
      }
      await sleep(100);
    }
    if (launched.how !== undefined)
      throw new Error(`${spec.name} ended while starting (${launched.how}).\n${logTail()}`);
    isExpectedToEnd = false;
  }

  async function stop(): Promise<void> {
    isExpectedToEnd = true;
    const stopping = running;
    if (!stopping) return;
    stopping.process.kill(spec.stopSignal);
    const overdue = setTimeout(() => killGroup(stopping.process), spec.stopWithinMs);
    await stopping.exited;
    clearTimeout(overdue);
  }

  async function kill(signal: NodeJS.Signals): Promise<void> {
    isExpectedToEnd = true;
    const killed = running;
    killed?.process.kill(signal);
    if (signal === 'SIGKILL') await killed?.exited;
  }

  function logTail(): string {
    try {
      const lines = readFileSync(spec.logFile, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES);
      return [`The end of ${spec.logFile}:`, ...lines.map((line) => `  ${line}`)].join('\n');
    } catch {
      return `There is no log at ${spec.logFile}.`;
    }
  }

  return {
    name: spec.name,
    logFile: spec.logFile,
    get pid() {
      return running?.process.pid;
    },
    get isRunning() {
      return running !== undefined;
    },
    start,
    stop,
    kill,
    restart: async () => {
      await stop();
      await start();
    },
    onUnexpectedExit: (listener) => void listeners.push(listener),
    logTail,
  };
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

/** One older log is kept. */
function rollLog(file: string): void {
  try {
    if (statSync(file).size > LOG_BYTES_MAX) renameSync(file, `${file}.1`);
  } catch {
    // There is none yet.
  }
}
