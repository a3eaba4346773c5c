import type { ChannelFacts, RoutingFacts } from '../../domain/routing/contracts';
import { lookAt, type Health, type HealthLook } from '../../domain/routing/health';
import {
  addSeen,
  createSecondsWindow,
  nothingSeen,
  windowSeconds,
  type SecondsWindow,
  type Seen,
} from '../../domain/routing/window';
import type { Turn, SecondOfChannel } from '../../db/stores/channel-facts-store';
import type { TakenToday } from '../../db/stores/channel-days-store';

/** What processes tell each other; a database, or a test's own memory. */
export interface SharedStatistics {
  add(rows: readonly SecondOfChannel[]): Promise<void>;
  readSince(second: number): Promise<SecondOfChannel[]>;
  readHealth(): Promise<ReadonlyMap<string, Health>>;
  writeTurn(turn: Turn): Promise<boolean>;
  takenToday(): Promise<TakenToday>;
}

export interface ChannelStatistics extends RoutingFacts {
  /** How a call went and how long it took; one that was never made is not told. */
  observeCall(channelConfigId: string, call: { isFailed: boolean; latencyMs: number }): void;
  observeVerdict(channelConfigId: string, verdict: 'approved' | 'declined'): void;
  breakerChanged(channelConfigId: string, state: ChannelFacts['breaker']): void;
  /** A payment goes there only to find out how it is: others need not. */
  noteProbe(channelConfigId: string): void;
  /** Tells the others what was seen here, and hears what they saw. */
  exchange(): Promise<void>;
}

export interface ChannelStatisticsDeps {
  shared: SharedStatistics;
  now: () => number;
  /** From the routing document of the moment. */
  probeEverySeconds: () => number;
  /** A channel lost its traffic or got it back; `isFirst`: no other process has told of it. */
  turned: (turn: Turn, isFirst: boolean) => void;
  failed: (error: unknown) => void;
}

/** One channel in this process: what all saw, and what is not yet told. */
interface Known {
  shared: SecondsWindow;
  untold: Map<number, Seen>;
  telling: Map<number, Seen>;
  breaker: ChannelFacts['breaker'];
  health?: Health;
  probedSecond?: number;
  facts: ChannelFacts;
}

const unknownChannel: ChannelFacts = {
  breaker: 'closed',
  isAiling: false,
  calls: 0,
  failed: 0,
  latencyMs: 0,
  approved: 0,
  declined: 0,
  isProbeDue: true,
  takenToday: {},
};
/** Others may tell of a second some time after it was over. */
const rereadSeconds = 15;
/** As many as may be configured; what a message names is not taken on trust. */
const channelsMax = 1_000;

/**
 * The sliding window that routing decides on. Payments only count in memory; once a second the processes exchange
 * their counts in batches, so that a decision never waits for a query.
 */
export function createChannelStatistics(deps: ChannelStatisticsDeps): ChannelStatistics {
  const channels = new Map<string, Known>();
  let taken: TakenToday = new Map();
  let readUpTo: number | undefined;

  return {
    now: deps.now,
    of: (id) => channels.get(id)?.facts,

    observeCall(id, { isFailed, latencyMs }) {
      see(id, { ...nothingSeen, calls: 1, failed: isFailed ? 1 : 0, latencyMs });
    },
    observeVerdict(id, verdict) {
      see(id, { ...nothingSeen, [verdict]: 1 });
    },
    breakerChanged(id, state) {
      const known = knownOf(id);
      if (known === undefined) return;
      known.breaker = state;
      if (state === 'open' && known.health?.isAiling !== true) {
        turn(id, known, { isAiling: true, why: 'its calls failed one after the other' });
      }
      look(id, known);
    },
    noteProbe(id) {
      const known = knownOf(id);
      if (known === undefined) return;
      known.probedSecond = second();
      known.facts = { ...known.facts, isProbeDue: false };
    },

    async exchange() {
      try {
        await tell();
        await hear();
      } catch (error) {
        deps.failed(error);
      }
      for (const [id, known] of channels) look(id, known);
    },
  };

  function second(): number {
    return Math.floor(deps.now() / 1_000);
  }

  function knownOf(id: string): Known | undefined {
    const known = channels.get(id);
    if (known !== undefined || channels.size >= channelsMax) return known;
    const fresh: Known = {
      shared: createSecondsWindow(),
      untold: new Map(),
      telling: new Map(),
      breaker: 'closed',
      facts: unknownChannel,
    };
    channels.set(id, fresh);
    return fresh;
  }

  function see(id: string, seen: Seen): void {
    const known = knownOf(id);
    if (known === undefined) return;
    count(known.untold, second(), seen);
    // Bad news is acted on at once; good news with the next exchange, unless a recovery depends on it.
    if (seen.failed > 0 || known.health?.isAiling === true) look(id, known);
  }

  function look(id: string, known: Known): void {
    const nowSecond = second();
    const entries = merged(known, nowSecond);
    const looked = lookAt(entries, known.health, {
      nowSecond,
      everySeconds: deps.probeEverySeconds(),
      probedSecond: known.probedSecond,
    });
    if (looked.turn !== undefined) turn(id, known, looked.turn);
    known.facts = factsOf(looked, known, taken.get(id));
  }

  function turn(id: string, known: Known, { isAiling, why }: NonNullable<HealthLook['turn']>): void {
    known.health = { isAiling, sinceSecond: second() };
    const told: Turn = { channelConfigId: id, ...known.health, why };
    deps.shared.writeTurn(told).then((isFirst) => deps.turned(told, isFirst), deps.failed);
  }

  async function tell(): Promise<void> {
    const rows: SecondOfChannel[] = [];
    for (const [channelConfigId, known] of channels) {
      for (const [at, seen] of known.untold) {
        rows.push({ channelConfigId, second: at, seen });
        count(known.telling, at, seen);
      }
      known.untold.clear();
    }
    if (rows.length === 0) return;
    try {
      await deps.shared.add(rows);
    } catch (error) {
      for (const known of channels.values()) {
        for (const [at, seen] of known.telling)
          if (at > second() - windowSeconds) count(known.untold, at, seen);
        known.telling.clear();
      }
      throw error;
    }
  }

  async function hear(): Promise<void> {
    const nowSecond = second();
    const since = readUpTo === undefined ? nowSecond - windowSeconds : readUpTo - rereadSeconds;
    const rows = await deps.shared.readSince(since);
    // From here on the shared counts hold what was just told.
    for (const known of channels.values()) known.telling.clear();
    for (const { channelConfigId, second: at, seen } of rows) knownOf(channelConfigId)?.shared.put(at, seen);
    readUpTo = nowSecond;
    taken = await deps.shared.takenToday();
    for (const id of taken.keys()) knownOf(id);
    for (const [id, health] of await deps.shared.readHealth()) {
      const known = knownOf(id);
      // A turn that this process is just writing down is newer than what was read.
      if (known !== undefined && health.sinceSecond >= (known.health?.sinceSecond ?? 0))
        known.health = health;
    }
  }
}

function count(seconds: Map<number, Seen>, second: number, seen: Seen): void {
  seconds.set(second, addSeen(seconds.get(second) ?? nothingSeen, seen));
}

function merged({ shared, untold, telling }: Known, nowSecond: number): { second: number; seen: Seen }[] {
  const bySecond = new Map(shared.entries(nowSecond).map(({ second, seen }) => [second, seen]));
  for (const own of [telling, untold]) for (const [second, seen] of own) count(bySecond, second, seen);
  return [...bySecond]
    .map(([second, seen]) => ({ second, seen }))
    .sort((left, right) => right.second - left.second);
}

function factsOf(
  { sum, isProbeDue }: HealthLook,
  known: Known,
  takenToday: Readonly<Record<string, bigint>> = {},
): ChannelFacts {
  const { calls, failed, approved, declined } = sum;
  return {
    breaker: known.breaker,
    isAiling: known.health?.isAiling === true,
    ...{ calls, failed, approved, declined, isProbeDue, takenToday },
    latencyMs: calls === 0 ? 0 : sum.latencyMs / calls,
  };
}
