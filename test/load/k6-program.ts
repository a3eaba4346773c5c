import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildWithGo } from '../../dev/stack/go-build';
import { createKeeper } from '../../dev/stack/keeper';
import { makeFolder } from '../../dev/stack/make-folder';
import type { Report } from '../../dev/stack/progress';
import { cacheFolder } from '../../dev/stack/temporal-program';

const version = 'v1.8.1';

/** On PATH, or built once with Go and kept outside the checkout; else one line that says both ways. */
export async function findK6(
  report: Report,
  signal: AbortSignal,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  if (await answers('k6', environment)) return 'k6';
  const built = path.join(cacheFolder(environment), `k6-${version}`, 'k6');
  if (existsSync(built) && (await answers(built, environment))) return built;
  makeFolder(path.dirname(built));
  const keeper = createKeeper();
  const made = await buildWithGo(built, {
    ...{ report, signal, keeper, environment },
    what: `k6 ${version}`,
    takes: 'a minute or two',
    module: `go.k6.io/k6@${version}`,
  }).finally(() => keeper.dismiss());
  signal.throwIfAborted();
  if ('program' in made) return made.program;
  throw new Error(
    `k6 is not here (${made.failed}): put it on PATH, or install Go 1.24 or later and run this again.`,
  );
}

async function answers(program: string, environment: NodeJS.ProcessEnv): Promise<boolean> {
  try {
    await promisify(execFile)(program, ['version'], { env: environment, timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}
