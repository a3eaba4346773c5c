import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from './process-identity';

const STOP_WITHIN_MS = 10_000;
const GONE_WITHIN_MS = 5_000;

/** Notes of what runs, for the start that finds them after this one was killed. */
export interface RunNotes {
  running(name: string, identity: ProcessIdentity, stopSignal: NodeJS.Signals): void;
  ended(name: string): void;
}

export function createRunNotes(folder: string): RunNotes {
  mkdirSync(folder, { recursive: true });
  return {
    running: (name, identity, stopSignal) =>
      writeFileSync(noteOf(folder, name), JSON.stringify({ ...identity, stopSignal })),
    ended: (name) => rmSync(noteOf(folder, name), { force: true }),
  };
}

/** Ends what an earlier start left behind when it was killed; returns the names of what there was. */
export async function endOrphans(folder: string): Promise<string[]> {
  const orphans = notesIn(folder).filter(({ identity }) => isRunning(identity));
  for (const { identity } of orphans) send(identity.pid, identity.stopSignal ?? 'SIGTERM');
  const deadline = Date.now() + STOP_WITHIN_MS;
  for (const { identity } of orphans) {
    while (isRunning(identity) && Date.now() < deadline) await sleep(50);
    if (isRunning(identity)) send(-identity.pid, 'SIGKILL');
  }
  // PostgreSQL takes its data for held as long as there is such a pid, of a process that is dead but not yet reaped too.
  const goneBy = Date.now() + GONE_WITHIN_MS;
  for (const { identity } of orphans) while (hasPid(identity) && Date.now() < goneBy) await sleep(50);
  rmSync(folder, { recursive: true, force: true });
  return orphans.map(({ name }) => name);
}

const noteOf = (folder: string, name: string) => path.join(folder, `${name}.json`);

/** With the signal that it is to be ended by; notes of older builds lack it. */
type Note = ProcessIdentity & { stopSignal?: NodeJS.Signals };

function notesIn(folder: string): { name: string; identity: Note }[] {
  try {
    return readdirSync(folder).map((file) => ({
      name: path.basename(file, '.json'),
      identity: JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Note,
    }));
  } catch {
    return [];
  }
}

function hasPid({ pid }: ProcessIdentity): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself.
  }
}
