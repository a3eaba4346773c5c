import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '../../dev/stack/stack';
import type { Database } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import type { Disruption, Victim } from './plan';
import type { Recoveries } from './recovery';
import type { Tally } from './tally';
import type { DatabaseWire } from './wire/database-wire';
import { portOwner } from './wire/port-owner';
import type { Wire } from './wire/proxy';
import type { ProviderWire } from './wire/provider-wire';
import type { Caught } from './wire/trap';

/** How long a trap waits for its moment; then the same is done at whatever moment it is. */
const caughtWithinMs = 12_000;
/** A process that died stays away for so long at least: long enough that the others must take over. */
const awayMs = 300;

export interface Scene {
  stack: Stack;
  database: Database;
  databaseWire: DatabaseWire;
  providerWire: ProviderWire;
  recoveries: Recoveries;
  tally: Tally;
  say(line: string): void;
}

/** Does one thing to the processes, and leaves them all running. */
export async function disrupt(disruption: Disruption, scene: Scene): Promise<void> {
  switch (disruption.kind) {
    case 'kill':
      return kill(disruption, scene);
    case 'cut_provider': {
      const wish = { ...disruption, isVictim: () => true };
      return cut(disruption, await scene.providerWire.catchNext(wish, caughtWithinMs), scene);
    }
    case 'cut_database': {
      const wish = { ...disruption, isVictim: () => true };
      return cut(disruption, await scene.databaseWire.catchNext(wish, caughtWithinMs), scene);
    }
    case 'cut_every_database_connection':
      scene.databaseWire.cutAll();
      return scene.tally.add(disruption.kind);
    case 'lock_payments':
      await inTransaction(scene.database, async (transaction) => {
        await transaction.query('lock table payments in share row exclusive mode');
        await sleep(disruption.ms);
      });
      return scene.tally.add(disruption.kind);
    case 'restart_postgres':
    case 'restart_temporal':
      return restart(disruption, scene);
  }
}

async function kill(disruption: Disruption & { kind: 'kill' }, scene: Scene): Promise<void> {
  const { victim, at, moment, side } = disruption;
  const caught =
    disruption.at === 'provider'
      ? await scene.providerWire.catchNext(
          { ...disruption, isVictim: (wire) => isCaller(wire, victim, scene.stack) },
          caughtWithinMs,
        )
      : await scene.databaseWire.catchNext(
          { ...disruption, isVictim: (wire) => scene.databaseWire.isOf(wire, victim) },
          caughtWithinMs,
        );
  const child = scene.stack.children[victim];
  await child.kill('SIGKILL');
  caught?.wire.cut();
  const where = caught === undefined ? 'anywhere' : `${side}_${at}_${moment}`;
  scene.tally.add(`sigkill_${victim}_${where}`);
  const recovery =
    caught &&
    scene.recoveries.watch({
      what: `${victim} ${where}`,
      message: caught.message,
      isUnfinished: at === 'provider' || (side === 'before' && moment === 'change'),
    });
  await sleep(awayMs);
  await Promise.all([child.start(), recovery]);
}

function isCaller(wire: Wire, victim: Victim, { children }: Stack): boolean {
  const pid = children[victim].pid;
  const pids = [children.api.pid, children.worker.pid].filter((one) => one !== undefined);
  const owner = portOwner(wire.clientPort, pids);
  return owner === undefined || owner === pid;
}

function cut(
  { kind, moment, side }: { kind: string; moment: string; side: string },
  caught: Caught | undefined,
  { tally }: Scene,
): void {
  if (caught === undefined) return;
  caught.wire.cut();
  tally.add(`${kind}_${side}_${moment}`);
}

async function restart(
  disruption: Disruption & { kind: 'restart_postgres' | 'restart_temporal' },
  { stack, tally }: Scene,
): Promise<void> {
  const child = disruption.kind === 'restart_postgres' ? stack.children.postgres : stack.children.temporal;
  if (child === undefined) return;
  const { signal } = disruption;
  await child.kill(signal);
  const deadline = Date.now() + 15_000;
  while (child.isRunning && Date.now() < deadline) await sleep(50);
  await sleep(awayMs);
  await child.start();
  tally.add(`${disruption.kind}_${signal.toLowerCase()}`);
}
