import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readBook, takeSandboxFaults } from './book';
import { converge } from './converge';
import { disrupt, startAgain, type Restart, type Scene, type Struck } from './disrupt';
import type { Finding } from './finding';
import { booksBalance } from './invariants/books-balance';
import { callbacksArrived } from './invariants/callbacks-arrived';
import { chargedOnce } from './invariants/charged-once';
import type { Evidence } from './invariants/evidence';
import { moneyMatches } from './invariants/money-matches';
import { neverBack } from './invariants/never-back';
import { nothingLost } from './invariants/nothing-lost';
import { nothingTold } from './invariants/nothing-told';
import { refundsFit } from './invariants/refunds-fit';
import type { LoadReport } from './load/contracts';
import { makePlan } from './make-plan';
import type { Plan, PlannedDisruption } from './plan';
import { createLostSteps } from './recovery/lost-steps';
import { createRecoveries, recoveryFinding, recoveryNotes } from './recovery/recoveries';
import { openStage, type FaultStage } from './stage';
import { createTally } from './tally';

const concurrency = 24;
const convergesWithinMs = 240_000;
/** Sweeps are begun again by their schedules, whoever died. */
const watchedWorkflows = `ExecutionStatus = 'Running' AND WorkflowType != 'sweep'`;

export interface FaultReport {
  operations: Record<string, number>;
  faults: Readonly<Record<string, number>>;
  findings: Finding[];
  notes: string[];
}

export interface RunOptions {
  seed: number;
  operations: number;
  isKept: boolean;
  say: (line: string) => void;
  signal: AbortSignal;
}

/** Plays the plan on a stack of its own, heals everything, waits, and holds the promises against all books. */
export async function runPaymentFaults(options: RunOptions): Promise<FaultReport> {
  const plan = makePlan(options.seed, options.operations);
  const { say, signal } = options;
  say(
    `${plan.operations} operations in ${plan.stories.length} orders, ${plan.disruptions.length} disruptions`,
  );
  const stage = await openStage(options);
  try {
    const tally = createTally();
    const recoveries = createRecoveries(createLostSteps(stage.temporal, watchedWorkflows));
    const restarts: Restart[] = [];
    const from = Date.now();
    const through = await playThrough(plan, stage, { tally, recoveries, restarts, say, signal });
    const playedMs = Date.now() - from;
    say(`played in ${seconds(playedMs)}; healing`);
    for (const [kind, times] of Object.entries(await heal(stage))) {
      if (kind !== 'allow_late_payment') tally.add(kind, times);
    }
    const settled = await converge(stage.database, stage.temporal, {
      withinMs: convergesWithinMs,
      say,
      signal,
    });
    writeFileSync(
      path.join(stage.stateFolder, 'recoveries.json'),
      JSON.stringify({ recoveries: recoveries.measured, restarts }),
    );
    const report = await stage.load.report();
    for (const [kind, times] of Object.entries(report.faults)) tally.add(kind, times);
    return {
      operations: report.operations,
      faults: tally.counts,
      findings: [
        ...(await examine(stage, report, settled)),
        recoveryFinding(recoveries.measured),
        planFinding(plan, through),
      ],
      notes: [
        `played in ${seconds(playedMs)}, converged ${seconds(Date.now() - from - playedMs)} later`,
        ...recoveryNotes(recoveries.measured),
        ...restartNotes(restarts),
        ...(report.unanswered.length > 0 ? [`never answered: ${report.unanswered.length} orders`] : []),
      ],
    };
  } finally {
    await stage.close();
  }
}

interface Played {
  struck: Struck[];
  /** Had no turn any more. */
  left: PlannedDisruption[];
}

async function playThrough(
  plan: Plan,
  stage: FaultStage,
  with_: Pick<Scene, 'tally' | 'recoveries' | 'restarts' | 'say'> & { signal: AbortSignal },
): Promise<Played> {
  const { load } = stage;
  const scene: Scene = { ...stage, ...with_ };
  const { storiesPerDisruption } = plan;
  const turns = Math.floor(plan.stories.length / storiesPerDisruption) - 1;
  const left: PlannedDisruption[] = [...plan.disruptions];
  const struck: Struck[] = [];
  let isPlayed = false;
  const played = load.play(plan.stories, stage.where, concurrency).finally(() => (isPlayed = true));
  played.catch(() => undefined);
  for (let turn = 0; turn < turns; turn += 1) {
    const disruption = left.shift();
    if (disruption === undefined) break;
    // Each disruption meets stories of its own: they begin with it, and the next ones wait for its end.
    load.release(Math.floor((turn + 1) * storiesPerDisruption));
    await reached(Math.floor(turn * storiesPerDisruption), load, () => isPlayed || with_.signal.aborted);
    with_.signal.throwIfAborted();
    const done = disrupt(disruption, scene);
    load.release(Math.floor((turn + 2) * storiesPerDisruption));
    const how = await done;
    // Its moment did not come: it has another turn at the end, with whatever order passes then.
    if (how === 'missed') left.push({ ...disruption, orderId: undefined, isSecondTry: true });
    else struck.push(how);
    await revive(scene);
    if (turn % 10 === 9)
      with_.say(
        `${struck.length} of ${plan.disruptions.length} disruptions struck, ${load.begun} orders begun`,
      );
  }
  load.release(plan.stories.length);
  const aborted = new Promise<never>((_, reject) => {
    with_.signal.addEventListener('abort', () => reject(with_.signal.reason as Error), { once: true });
  });
  await Promise.race([played, aborted]);
  return { struck, left };
}

async function reached(story: number, load: { begun: number }, isOver: () => boolean): Promise<void> {
  while (load.begun < story && !isOver()) await sleep(20);
}

/** What ended by itself is started again, as a supervisor does; that it ended is counted. */
async function revive({ stack, tally, say }: Scene): Promise<void> {
  for (const child of [stack.children.api, stack.children.worker]) {
    if (child.isRunning) continue;
    say(`${child.name} had ended by itself.\n${child.logTail()}`);
    tally.add(`${child.name}_ended_by_itself`);
    await startAgain(child, { say, tally });
  }
}

async function heal({ stack, load, where }: FaultStage): Promise<Record<string, number>> {
  load.heal();
  const { postgres, temporal, kpay, worker, api } = stack.children;
  for (const child of [postgres, temporal, kpay, worker, api]) await child?.start();
  return takeSandboxFaults(where.kpay);
}

async function examine(stage: FaultStage, report: LoadReport, settled: Finding): Promise<Finding[]> {
  const evidence: Evidence = { ...report, database: stage.database, book: await readBook(stage.where.kpay) };
  const [first] = report.acknowledged;
  const files = [
    ...filesIn(path.join(stage.stateFolder, 'logs')),
    ...filesIn(path.join(stage.stateFolder, 'temporal')),
  ];
  return [
    await booksBalance(evidence),
    chargedOnce(evidence),
    await moneyMatches(evidence),
    await callbacksArrived(evidence),
    await refundsFit(evidence),
    await nothingLost(evidence),
    settled,
    await neverBack(evidence),
    await nothingTold({
      files,
      secrets: stage.secrets,
      known: { file: path.join(stage.stateFolder, 'temporal', 'temporal.db'), text: first?.orderId ?? '' },
      problems: report.problems,
    }),
  ];
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => path.join(folder, name));
}

/** A point that was not met proves nothing, however well everything went. */
function planFinding({ disruptions }: Plan, { struck, left }: Played): Finding {
  const count = (how: Struck): number => struck.filter((one) => one === how).length;
  const meant = count('meant');
  return {
    name: 'plan',
    promise: `each planned disruption struck, ${meant} of ${meant + count('another')} at the very order it was meant for`,
    checked: disruptions.length,
    offenders: left.map((disruption) => `did not strike: ${JSON.stringify(disruption)}`),
  };
}

/** Work that only one process takes waits for as long as that one needs to come back. */
function restartNotes(restarts: readonly Restart[]): string[] {
  return [...new Set(restarts.map(({ name }) => name))].map((victim) => {
    const sorted = restarts
      .filter(({ name }) => name === victim)
      .map(({ ms }) => ms)
      .sort((a, b) => a - b);
    return `${victim} killed and started again: ${sorted.length} times, ready after ${sorted[sorted.length >> 1]} ms (median), ${sorted.at(-1)} ms (longest)`;
  });
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}
