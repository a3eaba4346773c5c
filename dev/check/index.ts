import { jestStep } from './jest-step';
import { newerNodeStep } from './newer-node-step';
import { replayStep } from './replay-step';
import { check, type Step, type StepResult, type TestCount } from './step';

/** Everything that proves the project, the quickest first. */
const steps: Step[] = [
  check('types', ['tsc', '--noEmit']),
  check('lint', ['eslint', '--max-warnings', '0', '.']),
  check('import rules', ['npm', 'run', '--silent', 'lint:imports']),
  check('unused code', ['knip']),
  check('format', ['prettier', '--check', '.']),
  jestStep('tests: unit, workflows, integration, end-to-end'),
  replayStep(),
  newerNodeStep(),
];

const total: TestCount = { passed: 0, failed: 0, skipped: 0 };
const leftOut: string[] = [];

async function main(): Promise<void> {
  for (const step of steps) {
    const began = Date.now();
    console.log(`${step.name} …`);
    const result = refuseLeavingOut(await step.run());
    add(result);
    const took = `${((Date.now() - began) / 1000).toFixed(1)} s`;
    if (result.kind === 'passed') console.log(`${step.name}: ok (${took})`);
    if (result.kind === 'left-out') leftOut.push(`${step.name}: ${result.reason}`);
    if (result.kind === 'failed') {
      if (result.output) console.log(result.output.trimEnd());
      console.log(`\n${step.name}: FAILED (${took}); the steps after it were not run.`);
      process.exitCode = 1;
      break;
    }
  }
  for (const line of leftOut) console.log(`Left out: ${line}`);
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
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
