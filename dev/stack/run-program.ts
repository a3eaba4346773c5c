import { spawn } from 'node:child_process';
import type { Keeper } from './keeper';
import { identify } from './process-identity';

export interface RunOptions {
  cwd?: string;
  env: NodeJS.ProcessEnv;
  timeoutMs: number;
  signal?: AbortSignal;
  keeper?: Keeper;
}

export interface RunResult {
  code: number | null;
  /** What it said, both outputs together; the last 4,000 characters. */
  output: string;
  isTimedOut: boolean;
}

const OUTPUT_CHARS_MAX = 4_000;

/** Runs a program to its end. Whatever ends it early takes the programs along that it started. */
export function runProgram(command: string, args: string[], options: RunOptions): Promise<RunResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (identity) options.keeper?.watch(identity, 'SIGKILL');
    let output = '';
    let isTimedOut = false;
    const hear = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-OUTPUT_CHARS_MAX));
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    const end = () => killGroup(child.pid);
    const overdue = setTimeout(() => {
      isTimedOut = true;
      end();
    }, options.timeoutMs);
    options.signal?.addEventListener('abort', end);
    const finish = (code: number | null) => {
      clearTimeout(overdue);
      options.signal?.removeEventListener('abort', end);
      if (child.pid !== undefined) options.keeper?.forget(child.pid);
      resolve({ code, output: output.trim(), isTimedOut });
    };
    child.once('error', (error) => {
      output = error.message;
      finish(null);
    });
    child.once('close', finish);
    if (options.signal?.aborted) end();
  });
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
