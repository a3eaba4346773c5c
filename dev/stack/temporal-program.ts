import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { withFileLock } from './file-lock';
import { BUILD_WITHIN_MS, buildWithGo } from './go-build';
import { makeFolder } from './make-folder';
import type { Keeper } from './keeper';
import { onPath, type Found } from './on-path';
import { withProgress, type Report } from './progress';
import { runProgram } from './run-program';

/** The last version of the CLI that `go install` takes: later ones carry replace directives. */
const CLI_VERSION = 'v1.5.1';
const PROGRAM = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
const DOWNLOAD_WITHIN_MS = 120_000;

export interface TemporalProgramOptions {
  environment?: NodeJS.ProcessEnv;
  /** Told what is going on when it takes a while. */
  report?: Report;
  downloadWithinMs?: number;
  /** Ends a download or a build in the middle. */
  signal?: AbortSignal;
  keeper?: Keeper;
}

type Making = Required<Pick<TemporalProgramOptions, 'environment' | 'report' | 'downloadWithinMs'>> &
  Pick<TemporalProgramOptions, 'signal' | 'keeper'>;

/** One way of getting a server. */
interface Way {
  name: string;
  look: () => Promise<Found>;
}

class NoTemporalServer extends Error {
  constructor(readonly tried: { way: string; failed: string }[]) {
    super(
      [
        'No way to get a Temporal server worked:',
        ...tried.map(({ way, failed }, index) => `  ${index + 1}. ${way}: ${failed}`),
        'Any one of these helps: set TEMPORAL_ADDRESS=host:port to a server that runs; put the Temporal CLI on',
        'PATH (https://docs.temporal.io/cli); or install Go 1.24 or later and start again (it is then built once).',
      ].join('\n'),
    );
  }
}

/** Finds the Temporal CLI, whose dev server is the embedded one; downloads or builds it if need be. */
export async function findTemporalProgram(options: TemporalProgramOptions = {}): Promise<string> {
  const environment = options.environment ?? process.env;
  const making: Making = {
    report: () => undefined,
    downloadWithinMs: DOWNLOAD_WITHIN_MS,
    ...options,
    environment,
  };
  const cached = path.join(cacheFolder(environment), `temporal-cli-${CLI_VERSION}`, PROGRAM);
  const downloaded = path.join(cacheFolder(environment), 'temporal-sdk-download', PROGRAM);
  const ways: Way[] = [
    { name: '"temporal" on PATH', look: async () => onPath(PROGRAM, environment) },
    { name: `the cached build ${cached}`, look: () => runs(cached) },
    {
      name: "the SDK's download",
      look: () => once(downloaded, () => download(downloaded, making)),
    },
    {
      name: `go install github.com/temporalio/cli/cmd/temporal@${CLI_VERSION}`,
      look: () => once(cached, () => build(cached, making)),
    },
  ];
  const tried = [{ way: 'TEMPORAL_ADDRESS', failed: 'not set' }];
  for (const way of ways) {
    const found = await way.look();
    options.signal?.throwIfAborted();
    if ('program' in found) return found.program;
    tried.push({ way: way.name, failed: found.failed });
  }
  throw new NoTemporalServer(tried);
}

/** Outside the checkout: the next clone, and the next `git clean`, need not build again. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  // From the root on: Go takes no other, and who runs the program may be in another folder.
  if (environment.DURAPAY_CACHE) return path.resolve(environment.DURAPAY_CACHE);
  const home = environment.XDG_CACHE_HOME || path.join(environment.HOME || homedir(), '.cache');
  return path.resolve(home, 'durapay');
}

async function runs(program: string): Promise<Found> {
  if (!existsSync(program)) return { failed: 'not there' };
  try {
    await promisify(execFile)(program, ['--version'], { timeout: 20_000 });
    return { program };
  } catch (error) {
    return { failed: `it does not run (${firstLine(error)}); remove it to have it made again` };
  }
}

/** Two starts at once make it once: the second waits, and finds what the first made. */
async function once(program: string, make: () => Promise<Found>): Promise<Found> {
  const present = await runs(program);
  if ('program' in present) return present;
  try {
    makeFolder(path.dirname(program));
    return await withFileLock(`${path.dirname(program)}.lock`, BUILD_WITHIN_MS, async () => {
      const meanwhile = await runs(program);
      return 'program' in meanwhile ? meanwhile : make();
    });
  } catch (error) {
    return { failed: firstLine(error) };
  }
}

/** The SDK can only start what it downloads, so a process of its own starts it, and leaves the program behind. */
async function download(target: string, making: Making): Promise<Found> {
  const folder = mkdtempSync(path.join(path.dirname(target), 'download-'));
  const script = path.join(__dirname, 'temporal-download-process.js');
  try {
    const { code, output, isTimedOut } = await withProgress(
      making.report,
      'Asking the Temporal SDK to download its server',
      () =>
        runProgram(process.execPath, [script, folder], {
          ...making,
          env: making.environment,
          timeoutMs: making.downloadWithinMs,
        }),
    );
    if (isTimedOut) return { failed: `no answer within ${making.downloadWithinMs / 1000} s` };
    // The message nests the address twice; what went wrong stands at its end.
    if (code !== 0) return { failed: lastLine(output).split('): ').at(-1) ?? '' };
    const file = readdirSync(folder).find((name) => name.startsWith('temporal'));
    if (!file) return { failed: 'it left no program' };
    renameSync(path.join(folder, file), target);
    return await runs(target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function build(target: string, making: Making): Promise<Found> {
  const built = await buildWithGo(target, {
    ...making,
    what: 'the Temporal server',
    takes: 'about three minutes on two cores',
    module: `github.com/temporalio/cli/cmd/temporal@${CLI_VERSION}`,
  });
  return 'program' in built ? runs(target) : built;
}

const lastLine = (text: string) => text.split('\n').at(-1) ?? '';

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
