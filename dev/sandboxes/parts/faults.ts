import { z } from 'zod';

/** Everything that can be made to go wrong, or to go by itself: docs/channels/kpay.md has the table. */
export const faultKinds = [
  'delay_before',
  'delay_after',
  'error_before',
  'error_after',
  'drop_before',
  'drop_after',
  'timeout_before',
  'timeout_after',
  'not_processed',
  'rate_limited',
  'garbage',
  'huge',
  'endless',
  'unknown_status',
  'webhook_lost',
  'webhook_duplicated',
  'webhook_delayed',
  'webhook_reordered',
  'autopay',
  'autodecline',
  'refund_pending',
  'refund_failing',
  'allow_late_payment',
  'search_lags',
  'left_unconfirmed',
] as const;

export type FaultKind = (typeof faultKinds)[number];

export const operations = [
  'create',
  'query',
  'cancel',
  'capture',
  'refund',
  'evidence',
  'statement',
  'customer',
  'upload',
] as const;
export type Operation = (typeof operations)[number];

export const faultSchema = z.strictObject({
  kind: z.enum(faultKinds),
  operation: z.enum(operations).optional(),
  reference: z.string().max(64).optional(),
  /** Of a creation: whoever makes it knows the order's text before its reference. */
  description: z.string().max(1_000).optional(),
  count: z.int().min(1).max(1_000_000).optional(),
  probability: z.number().min(0).max(1).optional(),
  ms: z.int().min(0).max(600_000).optional(),
  times: z.int().min(1).max(100).optional(),
});

export type FaultSpec = z.infer<typeof faultSchema>;
export type Fault = FaultSpec & { id: number; seen: number; struck: number };

export interface Target {
  operation?: Operation;
  reference: string;
  description?: string;
}

export interface Faults {
  add(spec: FaultSpec): Fault;
  list(): Fault[];
  /** How often each kind has struck since the start, whatever was cleared meanwhile. */
  struck(): Partial<Record<FaultKind, number>>;
  clear(): void;
  /** False: there is none of this number. */
  remove(id: number): boolean;
  /** The fault of this kind that strikes now, if any; a counted one is a little more used up. */
  strike(kind: FaultKind, target: Target): Fault | undefined;
}

const faultsMax = 1_000;

export function createFaults(seed: string): Faults {
  const faults: Fault[] = [];
  const tally: Partial<Record<FaultKind, number>> = {};
  let added = 0;

  return {
    add(spec) {
      if (faults.length >= faultsMax) forgetUsedUp();
      if (faults.length >= faultsMax) throw new RangeError(`no more than ${faultsMax} faults at once`);
      added += 1;
      const fault = { ...spec, id: added, seen: 0, struck: 0 };
      faults.push(fault);
      return fault;
    },

    struck: () => ({ ...tally }),

    list: () => faults.map((fault) => ({ ...fault })),

    clear() {
      faults.length = 0;
    },

    remove(id) {
      const at = faults.findIndex((fault) => fault.id === id);
      if (at >= 0) faults.splice(at, 1);
      return at >= 0;
    },

    strike(kind, target) {
      for (const fault of faults) {
        if (fault.kind !== kind) continue;
        if (fault.operation !== undefined && fault.operation !== target.operation) continue;
        if (fault.reference !== undefined && fault.reference !== target.reference) continue;
        if (fault.description !== undefined && fault.description !== target.description) continue;
        if (fault.count !== undefined && fault.struck >= fault.count) continue;
        fault.seen += 1;
        if (fault.probability !== undefined && draw(seed, fault) >= fault.probability) continue;
        fault.struck += 1;
        tally[kind] = (tally[kind] ?? 0) + 1;
        return fault;
      }
      return undefined;
    },
  };

  function forgetUsedUp(): void {
    const left = faults.filter(({ count, struck }) => count === undefined || struck < count);
    faults.splice(0, faults.length, ...left);
  }
}

/** The k-th request a fault sees always meets the same fate, whatever other faults are doing meanwhile. */
function draw(seed: string, fault: Fault): number {
  let hash = 0x811c9dc5;
  for (const character of `${seed}/${fault.id}/${fault.seen}`) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  }
  // FNV alone leaves neighbours alike; this spreads the last character over all bits.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}
