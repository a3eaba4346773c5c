import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from '../config/settings';
import type { Log } from '../telemetry/log';
import { withinTime } from '../telemetry/within-time';
import { prepareNamespace } from './namespace';
import { StartRefused } from './run-process';
import { connectTemporal, type Temporal } from './temporal';

export interface ReachDeps {
  settings: Settings;
  log: Log;
  /** Told when it turns out that something has to be waited for; without addresses, anybody may ask. */
  waitsFor: (what: string) => void;
}

const tryEveryMs = 500;
/** Of one try; the namespace alone may take a server 15 s to know. */
const tryWithinMs = 20_000;

/**
 * Connects, and makes sure of the namespace. Where everything starts at once, as after a power cut, Temporal is the last to
 * be there: it is waited for, within START_WAIT_MS, instead of ending and being started again and again.
 */
export async function reachTemporal(deps: ReachDeps): Promise<Temporal> {
  const { settings } = deps;
  const deadline = Date.now() + settings.START_WAIT_MS;
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = settings;
  const temporal = await persist(deps, deadline, {
    what: 'Temporal',
    where: `Temporal at ${address} (TEMPORAL_ADDRESS)`,
    work: () => connectTemporal(settings),
  });
  await persist(deps, deadline, {
    what: "Temporal's namespace",
    where: `the namespace "${namespace}" (TEMPORAL_NAMESPACE) of Temporal at ${address}`,
    work: () => makeSureOfNamespace(deps, temporal),
  });
  return temporal;
}

/** Safe to repeat, and for several processes at once. */
async function makeSureOfNamespace({ settings, log }: ReachDeps, { connection }: Temporal): Promise<void> {
  const namespace = settings.TEMPORAL_NAMESPACE;
  try {
    await prepareNamespace(connection, { namespace, retentionDays: settings.TEMPORAL_RETENTION_DAYS });
  } catch (error) {
    // This process need not be an administrator of the cluster: an operator may have prepared it.
    await connection.workflowService.describeNamespace({ namespace });
    log.warn({ err: error }, 'the namespace could not be prepared and is used as it is');
  }
}

async function persist<T>(
  { settings, log, waitsFor }: ReachDeps,
  deadline: number,
  { what, where, work }: { what: string; where: string; work: () => Promise<T> },
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await withinTime(work(), tryWithinMs, () => {
        throw new Error(`no answer within ${tryWithinMs} ms`);
      });
    } catch (error) {
      if (Date.now() >= deadline) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new StartRefused(
          `Waited ${Math.round(settings.START_WAIT_MS / 1_000)} s (START_WAIT_MS) for ${where}: ${reason}`,
        );
      }
      if (tries === 1) {
        waitsFor(what);
        log.warn({ err: error }, `waiting for ${where}`);
      }
      await sleep(tryEveryMs);
    }
  }
}
