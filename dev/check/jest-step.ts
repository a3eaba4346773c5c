import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run, type Step, type TestCount } from './step';

interface JestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  /** Files that did not even load: no test of theirs is counted anywhere. */
  numRuntimeErrorTestSuites: number;
}

/** Jest shows its own progress; what it counted comes from its report. */
export function jestStep(name: string, args: string[] = []): Step {
  return {
    name,
    run: async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'durapay-jest-'));
      const file = path.join(folder, 'report.json');
      try {
        const { code } = await run(['jest', '--ci', '--json', `--outputFile=${file}`, ...args], {
          isShown: true,
        });
        const tests = readReport(file);
        if (code === 0 && tests) return { kind: 'passed', tests };
        return { kind: 'failed', tests: tests ?? { passed: 0, failed: 1, skipped: 0 } };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

function readReport(file: string): TestCount | undefined {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as JestReport;
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return undefined; // it ended before it could write one
  }
}
