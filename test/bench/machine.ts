import { readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';

export interface Machine {
  cpu: string;
  cores: number;
  memoryGiB: number;
  platform: string;
  node: string;
}

export function describeMachine(): Machine {
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    platform: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
  };
}

const ticksPerSecond = 100;

interface ProcessTime {
  parent: number;
  /** Its own time and that of children it has already buried. */
  ticks: number;
}

function processTimes(): Map<number, ProcessTime> {
  const times = new Map<number, ProcessTime>();
  for (const name of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // The command's name may hold spaces and brackets: fields are counted from its end.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
      times.set(Number(name), { parent: Number(fields[1]), ticks });
    } catch {
      // It ended while we looked.
    }
  }
  return times;
}

/** CPU time used so far by each of these processes and all below it, or undefined where there is no /proc. */
export function cpuMsOf(roots: readonly number[]): ReadonlyMap<number, number> | undefined {
  if (process.platform !== 'linux') return undefined;
  const times = processTimes();
  const rootOf = (pid: number): number | undefined => {
    for (let at = pid; at > 1; at = times.get(at)?.parent ?? 0) if (roots.includes(at)) return at;
    return undefined;
  };
  const used = new Map<number, number>(roots.map((root) => [root, 0]));
  for (const [pid, { ticks }] of times) {
    const root = rootOf(pid);
    if (root !== undefined) used.set(root, (used.get(root) ?? 0) + (ticks * 1_000) / ticksPerSecond);
  }
  return used;
}
