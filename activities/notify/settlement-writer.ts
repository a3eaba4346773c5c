import { setTimeout as sleep } from 'node:timers/promises';
import type { Queryable } from '../../db/pool';
import { settleOutbox, type Settlement } from '../../db/stores/outbox-store';
import type { Log } from '../../telemetry/log';

export interface SettlementWriter {
  /** Resolves when it stands in the database, or when its lease has run out before that could be. */
  write(settlement: Settlement): Promise<void>;
}

interface Entry {
  settlement: Settlement;
  giveUpAt: number;
  done: () => void;
}

/** Nobody waits for it, and what a crash loses is told once more. */
const gatherMs = 100;
const batchMax = 200;
const retryMs = 250;

/** Gathers what settles within a tenth of a second and writes it with one statement, one statement at a time. */
export function createSettlementWriter(deps: {
  database: Queryable;
  log: Log;
  leaseMs: number;
}): SettlementWriter {
  let waiting: Entry[] = [];
  let isWriting = false;

  async function writeAll(): Promise<void> {
    await sleep(gatherMs);
    while (waiting.length > 0) {
      const batch = waiting.slice(0, batchMax);
      waiting = waiting.slice(batchMax);
      try {
        await writeBatch(batch);
      } catch (error) {
        deps.log.warn({ err: error, count: batch.length }, 'callbacks not settled; trying again');
        const [kept, lost] = split(batch, (entry) => entry.giveUpAt > Date.now());
        waiting = [...kept, ...waiting];
        for (const entry of lost) entry.done();
        if (waiting.length > 0) await sleep(retryMs);
      }
    }
  }

  async function writeBatch(batch: Entry[]): Promise<void> {
    const settled = await settleOutbox(
      deps.database,
      batch.map(({ settlement }) => settlement),
    );
    for (const { settlement, done } of batch) {
      if (!settled.has(settlement.eventId)) {
        deps.log.info(
          { eventId: settlement.eventId, status: settlement.status },
          'callback settled by another',
        );
      }
      done();
    }
  }

  return {
    write: (settlement) =>
      new Promise((done) => {
        waiting.push({ settlement, giveUpAt: Date.now() + deps.leaseMs, done });
        if (isWriting) return;
        isWriting = true;
        void writeAll().finally(() => (isWriting = false));
      }),
  };
}

function split<T>(all: readonly T[], belongsFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(belongsFirst), all.filter((one) => !belongsFirst(one))];
}
