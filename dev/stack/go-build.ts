import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Keeper } from './keeper';
import { onPath, type Found } from './on-path';
import { withProgress, type Report } from './progress';
import { runProgram } from './run-program';

export const BUILD_WITHIN_MS = 20 * 60_000;

export interface GoBuild {
  /** As the person is told what is built. */
  what: string;
  /** As in "about three minutes on two cores". */
  takes: string;
  /** With its version, as `go install` takes it. */
  module: string;
  environment: NodeJS.ProcessEnv;
  report: Report;
  signal?: AbortSignal;
  keeper?: Keeper;
}

/** Built beside its place, in a folder that exists, and renamed when complete. */
export async function buildWithGo(target: string, build: GoBuild): Promise<Found> {
  const { what, takes, module, environment, report } = build;
  const go = process.platform === 'win32' ? 'go.exe' : 'go';
  if ('failed' in onPath(go, environment)) return { failed: 'Go is not on PATH' };
  const folder = mkdtempSync(path.join(path.dirname(target), 'build-'));
  build.keeper?.remove(folder);
  report(`Building ${what} with Go: once, ${takes}.`);
  try {
    const { code, output, isTimedOut } = await withProgress(report, `Building ${what}`, () =>
      runProgram(go, ['install', module], {
        ...build,
        // What Go puts aside is to go with the folder: a build that is ended in the middle leaves it.
        env: { ...environment, GOBIN: folder, GOTMPDIR: folder, GOWORK: 'off' },
        timeoutMs: BUILD_WITHIN_MS,
      }),
    );
    if (isTimedOut) return { failed: `not done within ${BUILD_WITHIN_MS / 60_000} minutes` };
    if (code !== 0) return { failed: output.split('\n').at(-1) || `go ended with ${code}` };
    renameSync(path.join(folder, path.basename(target)), target);
    return { program: target };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
