import { cpuMsOf } from '../../machine';
import { interleave, quantile, type Samples } from '../../pairing';
import type { LoadClient } from '../../load/load-client';
import type { LoadReport, LoadShape } from '../../load/contracts';
import type { BenchContext } from '../../metric';
import type { PaymentArm } from './arm';

/** The eager floor runs twice in each round: what it measures against itself is the run's own error. */
export interface Lineup {
  product: PaymentArm;
  updateWithStart: PaymentArm;
  eager: PaymentArm;
}

export type Place = keyof Lineup | 'eagerAgain';

export interface Rounds {
  context: BenchContext;
  load: LoadClient;
  lineup: Lineup;
  /** Processes that all arms share: Temporal and the load generator. */
  sharedPids: Readonly<Record<string, number>>;
  rounds: number;
}

export interface Phase {
  samples: Samples;
  reports: ReadonlyMap<Place, LoadReport[]>;
  /** CPU time of each process for each payment, round by round, where the system tells. */
  cpuMsPerPayment: ReadonlyMap<Place, CpuByProcess[]>;
}

/** By the process's name. */
export type CpuByProcess = Readonly<Record<string, number>>;

const failuresMax = 0;

/** Each place once a round, forwards and backwards by turns. */
export async function measurePhase(
  { context, load, lineup, sharedPids, rounds }: Rounds,
  phase: {
    name: string;
    places: readonly Place[];
    shape: (round: number) => LoadShape;
    figure: (report: LoadReport) => number;
  },
): Promise<Phase> {
  const reports = new Map<Place, LoadReport[]>(phase.places.map((place) => [place, []]));
  const cpu = new Map<Place, CpuByProcess[]>(phase.places.map((place) => [place, []]));

  async function measure(place: Place, round: number): Promise<number> {
    context.signal.throwIfAborted();
    const arm = lineup[place === 'eagerAgain' ? 'eager' : place];
    const pids = { ...arm.pids, ...sharedPids };
    const orderPrefix = `${phase.name}-${place}-${round}-${Date.now()}`;
    const cpuBefore = cpuMsOf(Object.values(pids));
    const report = await load.run({ target: arm.target, shape: phase.shape(round), orderPrefix });
    const cpuAfter = cpuMsOf(Object.values(pids));
    if (report.failures > failuresMax) {
      throw new Error(`${arm.name}: ${report.failures} payments failed, the first: ${report.firstFailure}`);
    }
    reports.get(place)?.push(report);
    if (cpuBefore !== undefined && cpuAfter !== undefined) {
      const spent = Object.entries(pids).map(([name, pid]) => {
        const ms = (cpuAfter.get(pid) ?? Number.NaN) - (cpuBefore.get(pid) ?? Number.NaN);
        return [name, ms / report.started] as const;
      });
      cpu.get(place)?.push(Object.fromEntries(spent));
    }
    const figure = phase.figure(report);
    context.say(`${phase.name}, round ${round + 1} of ${rounds}, ${place}: ${figure.toFixed(1)}`);
    return figure;
  }

  const samples = await interleave(
    phase.places.map((place) => ({ name: place, measure: (round) => measure(place, round) })),
    rounds,
  );
  return { samples, reports, cpuMsPerPayment: cpu };
}

export function paymentsPerSecond(report: LoadReport): number {
  return (report.finished / report.elapsedMs) * 1_000;
}

export function answerMs(q: number): (report: LoadReport) => number {
  return (report) => quantile(report.answersMs, q);
}

/** A quantile over all rounds of one place, for the reader. */
export function pooledMs(phase: Phase, place: Place, q: number): number {
  return quantile(
    (phase.reports.get(place) ?? []).flatMap((report) => report.answersMs),
    q,
  );
}
