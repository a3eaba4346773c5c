import { availableParallelism } from 'node:os';
import { jestStep } from './jest-step';
import { newerNodeStep } from './newer-node-step';
import { replayStep } from './replay-step';
import { check, type Step, type StepResult, type TestCount } from './step';

/** What only reads the sources; the longest first, beside all the others. */
const readings: Step[] = [
  check('lint', ['eslint', '--max-warnings', '0', '.']),
  check('types', ['tsc', '--noEmit']),
  check('import rules', ['npm', 'run', '--silent', 'lint:imports']),
  check('unused code', ['knip']),
  check('format', ['prettier', '--check', '.']),
];

/** What runs the product: each has the machine to itself. */
const runs: Step[] = [
  jestStep('tests: unit, workflows, integration, end-to-end'),
  replayStep(),
  newerNodeStep(),
];

const total: TestCount = { passed: 0, failed: 0, skipped: 0 };
const leftOut: string[] = [];

async function main(): Promise<void> {
  const isFine = (await play(readings, Math.min(2, availableParallelism()))) && (await play(runs, 1));
  if (!isFine) process.exitCode = 1;
  for (const line of leftOut) console.log(`Left out: ${line}`);
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
}

/** So many steps at once, until one fails. */
async function play(steps: readonly Step[], atOnce: number): Promise<boolean> {
  const waiting = [...steps];
  let isFine = true;
  const playInTurn = async (): Promise<void> => {
    while (isFine) {
      const step = waiting.shift();
      if (step === undefined) return;
      if (!(await playOne(step))) isFine = false;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, playInTurn));
  return isFine;
}

async function playOne(step: Step): Promise<boolean> {
  const began = Date.now();
  console.log(`${step.name} …`);
  const result = refuseLeavingOut(await step.run());
  add(result);
  const took = `${((Date.now() - began) / 1000).toFixed(1)} s`;
  if (result.kind === 'passed') console.log(`${step.name}: ok (${took})`);
  if (result.kind === 'left-out') leftOut.push(`${step.name}: ${result.reason}`);
  if (result.kind !== 'failed') return true;
  if (result.output) console.log(result.output.trimEnd());
  console.log(`\n${step.name}: FAILED (${took}); the steps after it are not run.`);
  return false;
}

/** Where the result decides what is merged, a missing tool must not pass for a check that passed. */
function refuseLeavingOut(result: StepResult): StepResult {
  if (result.kind !== 'left-out' || process.env.CI !== 'true') return result;
  return { kind: 'failed', output: `Left out, which CI=true does not allow: ${result.reason}` };
}

/** A failed check that has no tests counts as one failure: the last line never looks well when something is not. */
function add(result: StepResult): void {
  if (result.kind === 'left-out') return;
  total.passed += result.tests?.passed ?? 0;
  total.failed += result.tests?.failed ?? 0;
  total.skipped += result.tests?.skipped ?? 0;
  if (result.kind === 'failed' && (result.tests?.failed ?? 0) === 0) total.failed += 1;
}

main().catch((error: unknown) => {
  console.error(error);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
});
