import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../../dev/stack/child';
import type { Stack } from '../../dev/stack/stack';
import type { Database } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import type { PlannedDisruption, Victim } from './plan';
import type { Recoveries } from './recovery/recoveries';
import type { Tally } from './tally';
import type { DatabaseWire } from './wire/database-wire';
import type { OrderNames } from './wire/order-names';
import { portOwner } from './wire/port-owner';
import type { Wire } from './wire/proxy';
import type { ProviderWire } from './wire/provider-wire';
import type { Caught } from './wire/trap';

/** The order that is meant comes by within seconds, or not at all; then any will do, or none comes. */
const patience = { meantWithinMs: 8_000, withinMs: 16_000, answeredWithinMs: 2_000 };
/** A process that died stays away for so long at least: long enough that the others must take over. */
const awayMs = 300;

/** A killed process that was started again: it worked so long after its death. */
export interface Restart {
  name: string;
  diedAtMs: number;
  ms: number;
}

export interface Scene {
  stack: Stack;
  database: Database;
  databaseWire: DatabaseWire;
  providerWire: ProviderWire;
  names: OrderNames;
  recoveries: Recoveries;
  restarts: Restart[];
  tally: Tally;
  say(line: string): void;
}

/** At the planned point: of the order that was meant, of another one, or of whichever came. Or that point did not come. */
export type Struck = 'meant' | 'another' | 'whichever' | 'missed';

/** Does one thing to the processes, and leaves them all running. */
export async function disrupt(disruption: PlannedDisruption, scene: Scene): Promise<Struck> {
  switch (disruption.kind) {
    case 'kill':
      return kill(disruption, scene);
    case 'cut_provider': {
      const wish = { ...disruption, isVictim: () => true, isMeant: meant(disruption, scene) };
      return cut(disruption, await scene.providerWire.catchNext(wish, patience), scene);
    }
    case 'cut_database': {
      const wish = { ...disruption, isVictim: () => true, isMeant: meant(disruption, scene) };
      return cut(disruption, await scene.databaseWire.catchNext(wish, patience), scene);
    }
    case 'cut_every_database_connection':
      scene.databaseWire.cutAll();
      break;
    case 'lock_payments':
      await inTransaction(scene.database, async (transaction) => {
        await transaction.query('lock table payments in share row exclusive mode');
        await sleep(disruption.ms);
      });
      break;
    case 'restart_postgres':
    case 'restart_temporal':
      return restart(disruption, scene);
  }
  scene.tally.add(disruption.kind);
  return 'whichever';
}

const startsMax = 3;

/** As a supervisor does: what does not come up in its time, on a machine that has none, is started once more. */
export async function startAgain(child: Child, { say, tally }: Pick<Scene, 'say' | 'tally'>): Promise<void> {
  for (let no = 1; ; no += 1) {
    try {
      return await child.start();
    } catch (error) {
      if (no === startsMax) throw error;
      tally.add(`${child.name}_not_up_in_time`);
      say(String(error).split('\n')[0] ?? '');
    }
  }
}

async function kill(disruption: PlannedDisruption & { kind: 'kill' }, scene: Scene): Promise<Struck> {
  const { victim, at, moment, side } = disruption;
  const caught = await withOccasion(disruption, scene, () => waitForMoment(disruption, scene));
  const child = scene.stack.children[victim];
  const { pid } = child;
  await child.kill('SIGKILL');
  const diedAtMs = Date.now();
  caught?.wire.cut();
  const where = caught === undefined ? 'anywhere' : `${side}_${at}_${moment}`;
  scene.tally.add(`sigkill_${victim}_${where}`);
  const what = `${victim} ${where}`;
  const recovery = pid !== undefined && scene.recoveries.watch({ what, pid, diedAtMs });
  await sleep(awayMs);
  const restart = startAgain(child, scene).then(() =>
    scene.restarts.push({ name: victim, diedAtMs, ms: Date.now() - diedAtMs }),
  );
  await Promise.all([restart, recovery]);
  return struck(disruption, caught);
}

/** Most work is done by whoever began it; while that one holds still, all of it comes to the other. */
async function withOccasion<T>(
  { victim, isSecondTry }: PlannedDisruption & { kind: 'kill' },
  { stack, tally }: Scene,
  work: () => Promise<T>,
): Promise<T> {
  if (isSecondTry !== true || victim !== 'worker') return work();
  const { api } = stack.children;
  tally.add('api_held_still');
  await api.kill('SIGSTOP');
  try {
    return await work();
  } finally {
    await api.kill('SIGCONT');
  }
}

function waitForMoment(
  disruption: PlannedDisruption & { kind: 'kill' },
  scene: Scene,
): Promise<Caught | undefined> {
  const { databaseWire, providerWire, stack } = scene;
  const { victim } = disruption;
  const isMeant = meant(disruption, scene);
  return disruption.at === 'provider'
    ? providerWire.catchNext(
        { ...disruption, isMeant, isVictim: (wire) => isCaller(wire, victim, stack) },
        patience,
      )
    : databaseWire.catchNext(
        { ...disruption, isMeant, isVictim: (wire) => databaseWire.isOf(wire, victim) },
        patience,
      );
}

function meant({ orderId }: PlannedDisruption, { names }: Scene): ((about: string) => boolean) | undefined {
  return orderId === undefined ? undefined : (about) => names.isAbout(orderId, about);
}

function isCaller(wire: Wire, victim: Victim, { children }: Stack): boolean {
  const pid = children[victim].pid;
  const pids = [children.api.pid, children.worker.pid].filter((one) => one !== undefined);
  const owner = portOwner(wire.clientPort, pids);
  return owner === undefined || owner === pid;
}

function cut(
  disruption: PlannedDisruption & { kind: 'cut_provider' | 'cut_database' },
  caught: Caught | undefined,
  { tally }: Scene,
): Struck {
  const { kind, side, moment } = disruption;
  caught?.wire.cut();
  if (caught !== undefined) tally.add(`${kind}_${side}_${moment}`);
  return struck(disruption, caught);
}

function struck({ orderId }: PlannedDisruption, caught: Caught | undefined): Struck {
  if (caught === undefined) return 'missed';
  if (orderId === undefined) return 'whichever';
  return caught.isMeant ? 'meant' : 'another';
}

async function restart(
  disruption: PlannedDisruption & { kind: 'restart_postgres' | 'restart_temporal' },
  { stack, tally, say }: Scene,
): Promise<Struck> {
  const child = disruption.kind === 'restart_postgres' ? stack.children.postgres : stack.children.temporal;
  if (child === undefined) return 'missed';
  const { signal } = disruption;
  await child.kill(signal);
  const deadline = Date.now() + 15_000;
  while (child.isRunning && Date.now() < deadline) await sleep(50);
  await sleep(awayMs);
  await startAgain(child, { say, tally });
  tally.add(`${disruption.kind}_${signal.toLowerCase()}`);
  return 'whichever';
}
