import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadSettings } from '../../../../config/settings';
import { startStack, type Stack } from '../../../../dev/stack/stack';
import { unusedPorts } from '../../../../dev/stack/stack-ports';
import type { LoadClient } from '../../load/load-client';
import type { BenchContext, Measurement } from '../../metric';
import { median, medianOf, medianRatio } from '../../pairing';
import type { WorkerFigures } from './arm';
import { bundleFloors, startFloor } from './floor-arm';
import { readHistories } from './histories';
import { productArm, productEnvironment } from './product-arm';
import {
  answerMs,
  measurePhase,
  paymentsPerSecond,
  pooledMs,
  type CpuByProcess,
  type Lineup,
  type Phase,
  type Place,
} from './rounds';
import type { Size } from './size';
import { measureWebhookAcks } from './webhook-acks';

const openLoopSeed = 20_260_101;

const everyPlace = ['eager', 'updateWithStart', 'product', 'eagerAgain'] as const;
const withoutUpdate = ['eager', 'product', 'eagerAgain'] as const;

interface Course {
  context: BenchContext;
  load: LoadClient;
  size: Size;
}

/** The product against its units, all standing on one Temporal server and one PostgreSQL and taking turns. */
export async function measureAgainstFloors(course: Course): Promise<Measurement[]> {
  const { context, load, size } = course;
  const ending: (() => Promise<unknown>)[] = [];
  const endWith = (end: () => Promise<unknown>): void => void ending.unshift(end);
  try {
    const stateFolder = await mkdtemp(path.join(tmpdir(), 'durapay-bench-'));
    endWith(() => rm(stateFolder, { recursive: true, force: true }));
    const stack = await startStack({
      stateFolder,
      ports: await unusedPorts(),
      environment: productEnvironment,
      report: context.say,
      signal: context.signal,
    });
    endWith(() => stack.stop());
    const bundle = await bundleFloors();
    endWith(() => bundle.remove());

    const servers = {
      temporalAddress: stack.env.TEMPORAL_ADDRESS ?? '',
      namespace: loadSettings(stack.env).TEMPORAL_NAMESPACE,
      doneUrl: load.doneUrl,
    };
    const figures = workerFigures(stack);
    const updateWithStart = await startFloor('update-with-start', servers, figures, bundle);
    endWith(() => updateWithStart.stop());
    const eager = await startFloor('eager', servers, figures, bundle);
    endWith(() => eager.stop());
    const product = await productArm(stack, load.doneUrl);

    const whole = await measurePayments(course, stack, { product, updateWithStart, eager });
    return [whole, await measureWebhookAcks({ context, stack, load, product, size })];
  } finally {
    for (const end of ending) await end().catch((error: unknown) => context.say(String(error)));
  }
}

async function measurePayments(
  { context, load, size }: Course,
  stack: Stack,
  lineup: Lineup,
): Promise<Measurement> {
  const temporalPid = stack.children.temporal?.pid;
  const sharedPids = { 'load generator': load.pid, temporal: temporalPid ?? 0 };
  const { rounds } = size;
  const course = { context, load, lineup, sharedPids, rounds };

  const single = await measurePhase(course, {
    name: 'alone',
    places: everyPlace,
    shape: () => size.alone,
    figure: answerMs(0.5),
  });
  const ceiling = await measurePhase(course, {
    name: 'ceiling',
    places: everyPlace,
    shape: () => size.closedLoop,
    figure: paymentsPerSecond,
  });
  const ratePerSecond = lowerCeiling(ceiling) / 2;
  const count = Math.ceil(size.openSamplesAtLeast / rounds);
  const open = await measurePhase(course, {
    name: 'open',
    places: withoutUpdate,
    shape: (round) => ({
      kind: 'open',
      schedule: { seed: openLoopSeed, ratePerSecond, from: round * count, count },
    }),
    figure: answerMs(0.95),
  });
  const costs = await readHistories(stack, ordersOf(single).slice(-size.historiesRead));

  return {
    values: {
      'payments.throughput_vs_update_with_start': medianRatio(ceiling.samples, 'product', 'updateWithStart'),
      'payments.throughput_vs_eager_floor': medianRatio(ceiling.samples, 'product', 'eager'),
      'payments.post_p50_vs_update_with_start': medianRatio(single.samples, 'product', 'updateWithStart'),
      'payments.post_p50_vs_eager_floor': medianRatio(single.samples, 'product', 'eager'),
      'payments.post_p95_vs_eager_floor': medianRatio(open.samples, 'product', 'eager'),
      'payments.history_events': Math.max(...costs.map((cost) => cost.events)),
      'payments.workflow_tasks': Math.max(...costs.map((cost) => cost.workflowTasks)),
    },
    againstItself: {
      throughput: medianRatio(ceiling.samples, 'eagerAgain', 'eager'),
      'p50 alone': medianRatio(single.samples, 'eagerAgain', 'eager'),
      'p95 open': medianRatio(open.samples, 'eagerAgain', 'eager'),
    },
    notes: [...describeCeiling(ceiling), ...describeAlone(single), ...describeOpen(open, ratePerSecond)],
  };
}

/** The floors' workers get what the product's have. */
function workerFigures(stack: Stack): WorkerFigures {
  const settings = loadSettings(stack.env);
  return {
    taskSlots: settings.WORKER_TASK_SLOTS,
    pollers: settings.WORKER_POLLERS,
    cachedWorkflowsMax: settings.WORKER_CACHED_WORKFLOWS_MAX,
  };
}

function lowerCeiling({ samples }: Phase): number {
  return Math.min(medianOf(samples, 'product'), medianOf(samples, 'eager'));
}

function ordersOf({ reports }: Phase): string[] {
  return (reports.get('product') ?? []).flatMap((report) => report.lastOrderIds);
}

function describeCeiling({ samples, cpuMsPerPayment }: Phase): string[] {
  return (['product', 'updateWithStart', 'eager'] satisfies Place[]).map((place) => {
    const cpu = describeCpu(cpuMsPerPayment.get(place) ?? []);
    return `${place}: ${medianOf(samples, place).toFixed(1)} payments/s${cpu}`;
  });
}

function describeCpu(rounds: readonly CpuByProcess[]): string {
  const [first] = rounds;
  if (first === undefined) return '';
  const total = median(rounds.map((round) => Object.values(round).reduce((sum, ms) => sum + ms, 0)));
  const each = Object.keys(first).map(
    (name) => `${name} ${median(rounds.map((round) => round[name] ?? 0)).toFixed(1)}`,
  );
  return `, ${total.toFixed(1)} ms of CPU per payment over all processes (${each.join(', ')})`;
}

function describeAlone({ samples }: Phase): string[] {
  const shown = everyPlace.map((place) => `${place} ${medianOf(samples, place).toFixed(1)} ms`);
  return [`POST alone, p50: ${shown.join(', ')}`];
}

function describeOpen(phase: Phase, ratePerSecond: number): string[] {
  const of = (place: Place, q: number): string => pooledMs(phase, place, q).toFixed(1);
  const shown = (['product', 'eager'] satisfies Place[]).map(
    (place) => `${place} p50 ${of(place, 0.5)} ms, p95 ${of(place, 0.95)} ms, p99 ${of(place, 0.99)} ms`,
  );
  return [`POST in an open loop at ${ratePerSecond.toFixed(1)}/s: ${shown.join('; ')}`];
}
