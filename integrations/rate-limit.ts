import { setTimeout as sleep } from 'node:timers/promises';
import type { CallLimits } from '../domain/config/service';
import type { Deadline } from './deadline';

/** What one lease brought; storage is behind this, shared between all processes. */
export interface Lease {
  granted: number;
  heldBy: string | null;
  retryMs: number;
}

export interface RateLimitDependencies {
  lease(instance: string, wanted: number, givenBack: number, limits: CallLimits): Promise<Lease>;
  onError(error: unknown): void;
  waitMsMax?: number;
}

export interface RateLimit {
  /** True: go. A promise where one has to wait; it ends false if the wait would be too long. */
  pass(instance: string, limits: CallLimits, deadline: Deadline): true | Promise<boolean>;
}

interface Allowance {
  left: number;
  /** Leased calls are for now: kept longer they would add to everybody's burst. */
  leasedUntilMs: number;
  leasing: Promise<void> | undefined;
  heldUntilMs: number;
  waiting: number;
}

const leaseKeepsMs = 1_000;
const waitingMax = 1_000;

/**
 * A limit that processes share without asking each time: each leases about 100 ms' worth of calls, and the next
 * lease is on its way before the last call of this one is used.
 */
export function createRateLimit(deps: RateLimitDependencies): RateLimit {
  const { waitMsMax = 1_000 } = deps;
  // As many as there are configured accounts.
  const allowances = new Map<string, Allowance>();

  return {
    pass(instance, limits, deadline) {
      const allowance = allowances.get(instance) ?? open(instance);
      if (!take(allowance)) return wait(instance, allowance, limits, deadline);
      const chunk = chunkOf(limits);
      if (chunk > 1 && allowance.left <= chunk / 2) void lease(instance, allowance, limits);
      return true;
    },
  };

  function open(instance: string): Allowance {
    const made = { left: 0, leasedUntilMs: 0, leasing: undefined, heldUntilMs: 0, waiting: 0 };
    allowances.set(instance, made);
    return made;
  }

  async function wait(
    instance: string,
    allowance: Allowance,
    limits: CallLimits,
    deadline: Deadline,
  ): Promise<boolean> {
    if (allowance.waiting >= waitingMax) return false;
    const untilMs = performance.now() + Math.min(waitMsMax, deadline.remainingMs());
    allowance.waiting += 1;
    try {
      for (;;) {
        const heldMs = allowance.heldUntilMs - performance.now();
        if (performance.now() + Math.max(0, heldMs) > untilMs) return false;
        if (heldMs > 0) await sleep(heldMs);
        // Somebody else's lease may have come while this one slept.
        if (take(allowance)) return true;
        await lease(instance, allowance, limits);
        if (take(allowance)) return true;
      }
    } finally {
      allowance.waiting -= 1;
    }
  }

  function lease(instance: string, allowance: Allowance, limits: CallLimits): Promise<void> {
    allowance.leasing ??= renew(instance, allowance, limits).finally(() => (allowance.leasing = undefined));
    return allowance.leasing;
  }

  async function renew(instance: string, allowance: Allowance, limits: CallLimits): Promise<void> {
    const isOver = performance.now() >= allowance.leasedUntilMs;
    const unused = isOver ? allowance.left : 0;
    allowance.left -= unused;
    try {
      const wanted = Math.max(chunkOf(limits), allowance.waiting);
      const { granted, retryMs } = await deps.lease(instance, wanted, unused, limits);
      const nowMs = performance.now();
      allowance.left += granted;
      allowance.leasedUntilMs = nowMs + leaseKeepsMs;
      allowance.heldUntilMs = granted > 0 ? 0 : nowMs + Math.max(1, retryMs);
    } catch (error) {
      // Whoever counts is away: not knowing whether a call is allowed, nobody calls for a moment.
      deps.onError(error);
      allowance.heldUntilMs = performance.now() + leaseKeepsMs;
    }
  }
}

function take(allowance: Allowance): boolean {
  if (allowance.left < 1 || performance.now() >= allowance.leasedUntilMs) return false;
  allowance.left -= 1;
  return true;
}

/** 100 ms' worth of a rate; of a quota so little that what a process holds unused doesn't matter. */
function chunkOf({ perSecond, perHour, perDay }: CallLimits): number {
  const ofRate = perSecond === undefined ? Infinity : perSecond / 10;
  const ofQuotas = Math.min(perHour ?? Infinity, perDay ?? Infinity) / 1_000;
  return Math.max(1, Math.min(1_000, Math.floor(Math.min(ofRate, ofQuotas))));
}
