import CircuitBreaker from 'opossum';

export type BreakerState = 'closed' | 'open' | 'half_open';

export interface BreakerOptions {
  failuresInARowMax: number;
  restMs: number;
  successesToClose: number;
  onState?: (state: BreakerState) => void;
}

export interface Breaker {
  readonly state: BreakerState;
  /** Runs the work, or refuses it while the service rests. `isFailure` judges what came back. */
  run<Result>(
    work: () => Promise<Result>,
    isFailure: (result: Result) => boolean,
  ): Promise<{ ran: true; result: Result } | { ran: false }>;
  close(): void;
}

/** Carries a result that counts as a failure through opossum, which only counts rejections. */
class FailedResult extends Error {
  constructor(readonly result: unknown) {
    super('failed');
  }
}

/**
 * opossum opens by an error rate and closes after one success; this opens after so many failures in a row and
 * closes after so many successes. So its volume threshold is out of reach and its own time-out is off, `open()`
 * is called from a consecutive counter, and between its first success and the last one wanted the service is on
 * probation: one call at a time, and a failure opens it again.
 */
export function createBreaker(options: BreakerOptions): Breaker {
  let failuresInARow = 0;
  let onProbation = false;
  let probationSuccesses = 0;
  let trialRunning = false;
  // A call that was sent before the circuit opened proves nothing about the service afterwards.
  let era = 0;

  const circuit = new CircuitBreaker<[() => Promise<unknown>], unknown>((work) => work(), {
    timeout: false,
    resetTimeout: options.restMs,
    volumeThreshold: Number.MAX_SAFE_INTEGER,
    rollingCountTimeout: 10_000,
    rollingCountBuckets: 1,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
  });
  circuit.on('open', () => {
    onProbation = true;
    probationSuccesses = 0;
    failuresInARow = 0;
    era += 1;
    options.onState?.('open');
  });
  circuit.on('halfOpen', () => options.onState?.('half_open'));

  function succeeded(): void {
    failuresInARow = 0;
    if (!onProbation) return;
    probationSuccesses += 1;
    if (probationSuccesses < options.successesToClose) return;
    onProbation = false;
    options.onState?.('closed');
  }

  function failed(): void {
    failuresInARow += 1;
    if (onProbation || failuresInARow >= options.failuresInARowMax) circuit.open();
  }

  return {
    get state() {
      if (circuit.opened) return 'open';
      return onProbation ? 'half_open' : 'closed';
    },

    async run<Result>(work: () => Promise<Result>, isFailure: (result: Result) => boolean) {
      if (circuit.opened || (onProbation && trialRunning)) return { ran: false };
      const isTrial = onProbation;
      const begunIn = era;
      if (isTrial) trialRunning = true;
      try {
        const result = (await circuit.fire(async () => {
          const answer = await work();
          if (isFailure(answer)) throw new FailedResult(answer);
          return answer;
        })) as Result;
        if (begunIn === era) succeeded();
        return { ran: true, result };
      } catch (error) {
        if (begunIn === era) failed();
        if (error instanceof FailedResult) return { ran: true, result: error.result as Result };
        throw error;
      } finally {
        if (isTrial) trialRunning = false;
      }
    },

    close: () => circuit.shutdown(),
  };
}
