import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../dev/stack/temporal-program';

const run = promisify(execFile);
const version = '4.32.5';
const installWithinMs = 5 * 60_000;

/** Installed once with pip into an environment of its own, outside the checkout; needs Python 3.10 or later. */
export async function findSchemathesis(): Promise<string> {
  const folder = path.join(cacheFolder(), `schemathesis-${version}`);
  const program = path.join(folder, 'bin', 'schemathesis');
  if (existsSync(program) && (await answers(program))) return program;
  try {
    await run('python3', ['-m', 'venv', folder], { timeout: installWithinMs });
    const pip = ['install', '--quiet', '--disable-pip-version-check', `schemathesis==${version}`];
    await run(path.join(folder, 'bin', 'pip'), pip, { timeout: installWithinMs });
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new Error(
      `schemathesis could not be installed (${why}): it wants Python 3.10 or later with venv and pip.`,
    );
  }
  return program;
}

async function answers(program: string): Promise<boolean> {
  try {
    const { stdout } = await run(program, ['--version'], { timeout: 60_000 });
    return stdout.includes(version);
  } catch {
    return false;
  }
}
