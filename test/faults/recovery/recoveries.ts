import { setTimeout as sleep } from 'node:timers/promises';
import type { Finding } from '../finding';
import type { LostStep, LostSteps } from './lost-steps';

/** Workflow-task time-out, sticky time-out, and two seconds. */
const recoveryMsMax = 5_000 + 2_000 + 2_000;

export interface Recovery {
  step: LostStep;
  killed: string;
  diedAtMs: number;
  ms: number;
  /** Of a workflow task: after so long it was there for the taking. */
  givenOutMs?: number;
}

export interface Killed {
  /** The process and the point, for people. */
  what: string;
  pid: number;
  diedAtMs: number;
}

export interface Recoveries {
  /** Finds what was lost with a process, and waits until somebody goes on with all of it, within bounds. */
  watch(killed: Killed): Promise<void>;
  readonly measured: readonly Recovery[];
}

/** Temporal's lists lag behind its workflows, and some work is given to the dead one after its death. */
const looksAtMs = [0, 1_500];
const pollMs = 100;

/**
 * How long what a killed process was doing lies about until somebody takes it up: the next try of the workflow task or
 * of the activity begins. What that try then waits for (a provider that has to be asked again later, say) is no part of it.
 */
export function createRecoveries(
  lost: LostSteps,
  { watchedMsMax }: { watchedMsMax: number } = { watchedMsMax: 60_000 },
): Recoveries {
  const measured: Recovery[] = [];

  async function follow(step: LostStep, killed: string, diedAtMs: number): Promise<void> {
    const until = step.sinceMs + watchedMsMax;
    let goneOnAtMs: number | undefined;
    while (goneOnAtMs === undefined && Date.now() < until) {
      goneOnAtMs = await lost.goneOnAt(step);
      if (goneOnAtMs === undefined) await sleep(pollMs);
    }
    const after = (atMs: number): number => Math.max(0, atMs - step.sinceMs);
    const givenOutAtMs = await lost.givenOutAt(step);
    measured.push({
      ...{ step, killed, diedAtMs, ms: after(goneOnAtMs ?? Date.now()) },
      ...(givenOutAtMs === undefined ? {} : { givenOutMs: after(givenOutAtMs) }),
    });
  }

  return {
    measured,
    async watch({ what, pid, diedAtMs }) {
      const followed = new Map<string, Promise<void>>();
      for (const lookAtMs of looksAtMs) {
        await sleep(Math.max(0, diedAtMs + lookAtMs - Date.now()));
        for (const step of await lost.find(pid, diedAtMs)) {
          const key = `${step.workflowId} ${step.activityId ?? ''}`;
          if (!followed.has(key)) followed.set(key, follow(step, what, diedAtMs));
        }
      }
      await Promise.all(followed.values());
    },
  };
}

export function recoveryFinding(measured: readonly Recovery[], msMax = recoveryMsMax): Finding {
  return {
    name: 'C3',
    promise: `after a SIGKILL somebody goes on within ${msMax} ms`,
    checked: measured.length,
    offenders: measured
      .filter(({ ms }) => ms > msMax)
      .map(
        ({ step, killed, ms, givenOutMs }) =>
          `${step.name} of ${step.workflowId} (${step.queue}) lay for ${ms} ms after ${killed} was killed` +
          (givenOutMs === undefined ? '' : `, of which ${ms - givenOutMs} ms there for the taking`),
      ),
  };
}

export function recoveryNotes(measured: readonly Recovery[]): string[] {
  if (measured.length === 0) return ['no kill met anything in the middle: recovery was not measured'];
  const isTask = ({ step }: Recovery): boolean => step.activityId === undefined;
  return [
    noteOf('workflow tasks', measured.filter(isTask)),
    noteOf(
      'activities',
      measured.filter((recovery) => !isTask(recovery)),
    ),
  ];
}

function noteOf(what: string, measured: readonly Recovery[]): string {
  const sorted = measured.map(({ ms }) => ms).sort((a, b) => a - b);
  if (sorted.length === 0) return `${what} lost by a SIGKILL: none`;
  const given = measured.flatMap(({ givenOutMs }) => (givenOutMs === undefined ? [] : [givenOutMs]));
  const givenOut = given.length === 0 ? '' : `given out again within ${Math.max(...given)} ms, `;
  return `${what} lost by a SIGKILL: ${sorted.length}, ${givenOut}taken up again after ${sorted[sorted.length >> 1]} ms (median), ${sorted.at(-1)} ms (longest)`;
}
