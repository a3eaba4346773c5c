import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../dev/stack/temporal-program';

const run = promisify(execFile);
const version = 'v1.8.1';
const buildWithinMs = 15 * 60_000;

/** On PATH, or built once with Go and kept outside the checkout; else one line that says both ways. */
export async function findK6(report: (line: string) => void): Promise<string> {
  if (await answers('k6')) return 'k6';
  const folder = path.join(cacheFolder(), `k6-${version}`);
  const built = path.join(folder, 'k6');
  if (existsSync(built) && (await answers(built))) return built;
  report(`Building k6 ${version}, once; this takes a minute or two …`);
  mkdirSync(folder, { recursive: true });
  try {
    await run('go', ['install', `go.k6.io/k6@${version}`], {
      env: { ...process.env, GOBIN: folder },
      timeout: buildWithinMs,
    });
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new Error(
      `k6 is not here (${why}): put it on PATH, or install Go 1.24 or later and run this again.`,
    );
  }
  return built;
}

async function answers(program: string): Promise<boolean> {
  try {
    await run(program, ['version'], { timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}
