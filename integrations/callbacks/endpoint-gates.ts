/**
 * What one endpoint may take of a process: so many calls at once, and none at all while it keeps failing.
 * A refusal is an answer at once; whoever gets it leaves the callback to its workflow.
 */
export interface EndpointGates {
  enter(endpointId: string, options?: EnterOptions): Promise<Admission>;
  /** Where somebody waits for a place already: fetching more for them would only lengthen the queue. */
  crowded(): string[];
}

export interface EnterOptions {
  signal?: AbortSignal;
  /** For tries that have waited out a back-off of their own: a closed gate is opened to them. */
  evenIfFailing?: boolean;
}

export type Admission = Entered | { kind: 'failing' } | { kind: 'slow' } | { kind: 'stopped' };

export interface Entered {
  kind: 'entered';
  /** Frees the place, and says how it went. */
  leave(succeeded: boolean): void;
  /** Frees the place after a call that says nothing about the endpoint, or that was not made. */
  giveBack(): void;
}

export interface EndpointGatesOptions {
  concurrencyMax: number;
  /** So many failures in a row close the gate. */
  failuresMax?: number;
  closedForMs?: number;
  /** Whoever has waited so long for a place goes away, and for a while nobody waits there. */
  waitMsMax?: number;
  slowForMs?: number;
  endpointsMax?: number;
  now?: () => number;
}

interface Gate {
  running: number;
  waiting: Set<() => void>;
  failures: number;
  closedUntil: number;
  slowUntil: number;
}

export function createEndpointGates(options: EndpointGatesOptions): EndpointGates {
  const { concurrencyMax, now = Date.now, endpointsMax = 10_000 } = options;
  const { failuresMax = 5, closedForMs = 60_000, waitMsMax = 2_000, slowForMs = 30_000 } = options;
  const gates = new Map<string, Gate>();
  const withWaiters = new Set<string>();

  function gateOf(endpointId: string): Gate {
    const gate = gates.get(endpointId) ?? newGate();
    // Put back at the end, so that the first one is the one not used for longest.
    gates.delete(endpointId);
    gates.set(endpointId, gate);
    if (gates.size > endpointsMax) forgetOldestIdle(gates);
    return gate;
  }

  /** After a bad time one call at a time goes first, to see. */
  const isOnProbation = (gate: Gate): boolean => gate.failures >= failuresMax;

  const isFailing = (gate: Gate): boolean =>
    gate.closedUntil > now() || (isOnProbation(gate) && gate.running > 0);

  function admit(gate: Gate): Entered {
    gate.running += 1;
    let left = false;
    const giveBack = () => {
      if (left) return;
      left = true;
      gate.running -= 1;
      // Everybody who waits looks again: at a free place, or at a gate that has just closed.
      for (const wake of [...gate.waiting]) wake();
    };
    return {
      kind: 'entered',
      giveBack,
      leave(succeeded) {
        if (left) return;
        gate.failures = succeeded ? 0 : gate.failures + 1;
        gate.closedUntil = isOnProbation(gate) ? now() + closedForMs : 0;
        giveBack();
      },
    };
  }

  function waitForChange(
    endpointId: string,
    gate: Gate,
    waitMs: number,
    signal?: AbortSignal,
  ): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        gate.waiting.delete(done);
        if (gate.waiting.size === 0) withWaiters.delete(endpointId);
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      signal?.addEventListener('abort', done, { once: true });
      gate.waiting.add(done);
      withWaiters.add(endpointId);
    });
  }

  return {
    async enter(endpointId, { signal, evenIfFailing = false } = {}) {
      const gate = gateOf(endpointId);
      const waitUntil = now() + waitMsMax;
      for (;;) {
        if (signal?.aborted === true) return { kind: 'stopped' };
        if (!evenIfFailing && isFailing(gate)) return { kind: 'failing' };
        if (gate.running < concurrencyMax) return admit(gate);
        if (gate.slowUntil > now()) return { kind: 'slow' };
        const waitMs = waitUntil - now();
        if (waitMs <= 0) {
          gate.slowUntil = now() + slowForMs;
          return { kind: 'slow' };
        }
        await waitForChange(endpointId, gate, waitMs, signal);
      }
    },
    crowded: () => [...withWaiters],
  };
}

function newGate(): Gate {
  return { running: 0, waiting: new Set(), failures: 0, closedUntil: 0, slowUntil: 0 };
}

function forgetOldestIdle(gates: Map<string, Gate>): void {
  for (const [endpointId, gate] of gates) {
    if (gate.running > 0 || gate.waiting.size > 0) continue;
    gates.delete(endpointId);
    return;
  }
}
