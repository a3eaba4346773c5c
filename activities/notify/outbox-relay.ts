import { setMaxListeners } from 'node:events';
import type { Queryable } from '../../db/pool';
import { claimOutbox, fenceAtBirth, type ClaimedEvent } from '../../db/stores/outbox-store';
import { withinTime } from '../../telemetry/within-time';
import { createAlarmClock } from './alarm-clock';
import { createFirstTry, type FirstTryDeps } from './first-try';
import { createSettlementWriter } from './settlement-writer';

export interface OutboxRelayDeps extends Omit<FirstTryDeps, 'leaseMs'> {
  database: Queryable;
  settings: OutboxRelaySettings;
}

export interface OutboxRelaySettings {
  pollMs: number;
  /** The longest that one try can take. */
  tryTimeoutMs: number;
  /** How long `stop` lets tries finish before it cuts them off. */
  drainMs: number;
  leaseMs?: number;
  inHandMax?: number;
}

export interface OutboxRelay {
  /** A callback has been committed in this process. */
  nudge: () => void;
  /** For a callback that is about to be written: it can be born under a lease of this relay, if there is room for it. */
  lease(endpointId: string): CallbackLease | undefined;
  start(): void;
  /** Takes no more, finishes what it holds, and gives back what it can't. */
  stop(): Promise<void>;
}

/** Spares the callback the claim: whoever writes it hands it over. */
export interface CallbackLease {
  /** To be written with it. */
  ms: number;
  /** To be called when it is committed; if that is never known, the lease runs out and a poll finds it. */
  deliver(event: Omit<ClaimedEvent, 'fence'>): void;
}

const batchMax = 64;
/** What is committed within so many milliseconds is claimed together. */
const gatherMs = 15;
/** A nudge is about what was just written; the poll looks at everything. */
const nudgeLooksBackMs = 10_000;
const pollAfterFailureMsMin = 1_000;
const giveBackMsMax = 2_000;

/**
 * Brings callbacks from the outbox to the merchants' endpoints. Each first try is made at once; what fails goes
 * to workflow `callback/{eventId}`. Any number of relays may run: a claim is a lease with a fence, and no
 * transaction is open while anybody waits for a merchant.
 */
export function createOutboxRelay(deps: OutboxRelayDeps): OutboxRelay {
  const { database, gates, log, settings } = deps;
  const { inHandMax = 256 } = settings;
  // Room for the wait at the gate, the start of a workflow and the settling, besides the try itself.
  const leaseMs = settings.leaseMs ?? settings.tryTimeoutMs + 20_000;
  const firstTry = createFirstTry({ ...deps, leaseMs });
  const writer = createSettlementWriter({ database, log, leaseMs });
  const alarm = createAlarmClock();
  const soft = new AbortController();
  const hard = new AbortController();
  // Everything in hand may listen at once; Node would take more than ten for a leak.
  setMaxListeners(2 * inHandMax, soft.signal, hard.signal);
  const inHand = new Set<Promise<void>>();
  let running: Promise<void> | undefined;
  let pollAt = 0;
  let leftBehind: string[] = [];

  async function handle(event: ClaimedEvent, leaseEndsAt: number): Promise<void> {
    // A process that was suspended may wake up long after its lease: then the event is somebody else's.
    const mayTry = () => performance.now() + settings.tryTimeoutMs < leaseEndsAt;
    try {
      await writer.write(await firstTry(event, mayTry, { soft: soft.signal, hard: hard.signal }));
    } catch (error) {
      log.error(
        { err: error, eventId: event.id },
        'callback not handled; it comes again when its lease is over',
      );
    }
  }

  function take(event: ClaimedEvent, leaseEndsAt: number): void {
    const handled = handle(event, leaseEndsAt).finally(() => {
      inHand.delete(handled);
      const crowded = new Set(gates.crowded());
      // Room where there was none: what was left in the outbox for that reason can come now.
      if (leftBehind.some((endpointId) => !crowded.has(endpointId))) {
        leftBehind = [];
        pollAt = 0;
        alarm.ring();
      }
      if (inHand.size === inHandMax - 1) alarm.ring();
    });
    inHand.add(handled);
  }

  /** True if there is probably more. */
  async function claim(isPoll: boolean): Promise<boolean> {
    const limit = Math.min(batchMax, inHandMax - inHand.size);
    const leaseEndsAt = performance.now() + leaseMs;
    leftBehind = gates.crowded();
    const events = await claimOutbox(database, {
      limit,
      leaseMs,
      exceptEndpoints: leftBehind,
      since: isPoll ? undefined : new Date(Date.now() - nudgeLooksBackMs),
    });
    for (const event of events) take(event, leaseEndsAt);
    return events.length === limit;
  }

  async function claimOnce(): Promise<void> {
    const isPoll = Date.now() >= pollAt;
    try {
      const hasMore = await claim(isPoll);
      if (hasMore) alarm.ring();
      else if (isPoll) pollAt = Date.now() + jittered(settings.pollMs);
    } catch (error) {
      log.warn({ err: error }, 'outbox not read; trying again');
      pollAt = Date.now() + jittered(Math.max(settings.pollMs, pollAfterFailureMsMin));
    }
  }

  async function run(): Promise<void> {
    while (!soft.signal.aborted) {
      await alarm.sleep(inHand.size < inHandMax ? pollAt - Date.now() : settings.pollMs, gatherMs);
      if (!soft.signal.aborted && inHand.size < inHandMax) await claimOnce();
    }
  }

  return {
    nudge: () => alarm.ring(),
    lease(endpointId) {
      const isFull = inHand.size >= inHandMax || gates.crowded().includes(endpointId);
      if (running === undefined || soft.signal.aborted || isFull) return undefined;
      const leaseEndsAt = performance.now() + leaseMs;
      return { ms: leaseMs, deliver: (event) => take({ ...event, fence: fenceAtBirth }, leaseEndsAt) };
    },
    start() {
      running ??= run();
    },
    async stop() {
      soft.abort();
      alarm.ring();
      const finished = Promise.resolve(running).then(() => Promise.all(inHand));
      if (await within(settings.drainMs, finished)) return;
      hard.abort();
      // What is cut off still wants to be given back; if the database is away, the leases run out by themselves.
      if (!(await within(giveBackMsMax, finished)))
        log.warn({ count: inHand.size }, 'callbacks left to their leases');
    },
  };
}

function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  return withinTime(
    work.then(() => true),
    ms,
    () => false,
  );
}

/** Relays of many processes would otherwise fall into step. */
function jittered(ms: number): number {
  return ms * (0.75 + Math.random() / 2);
}
