import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process id alone may by now belong to somebody else; with the time it was started it is one process. */
export interface ProcessIdentity {
  pid: number;
  startedAt: string;
}

export function identify(pid: number): ProcessIdentity | undefined {
  const startedAt = startTimeOf(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

export function isRunning(identity: ProcessIdentity): boolean {
  return startTimeOf(identity.pid) === identity.startedAt;
}

/** Undefined when there is no such process; a zombie counts as gone. */
function startTimeOf(pid: number): string | undefined {
  if (process.platform === 'linux') return startTimeFromProc(pid);
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

function startTimeFromProc(pid: number): string | undefined {
  const fields = statFromProc(pid);
  return fields[0] === 'Z' ? undefined : fields[19];
}

/** From the state on; empty where there is no such process. */
function statFromProc(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything, spaces and parentheses included.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

/** Undefined where it can't be read. A process whose parent is gone has another one. */
export function parentOf(pid: number): number | undefined {
  try {
    const parent =
      process.platform === 'linux'
        ? statFromProc(pid)[1]
        : execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' });
    return Number(parent) || undefined;
  } catch {
    return undefined;
  }
}

/** The command line, to recognise what a left-over pid file points at; undefined where it can't be read. */
export function commandLineOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined;
    return (
      execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
    );
  } catch {
    return undefined;
  }
}
