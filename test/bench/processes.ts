import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { compiledSources } from '../../dev/stack/compiled';

const readyWithinMs = 60_000;
const stopWithinMs = 15_000;

/** A process of bench or test that says by one message when it is ready, and ends with it. Compiled like the product's. */
export interface BenchProcess<Ready> {
  ready: Ready;
  pid: number;
  child: ChildProcess;
  stop: () => Promise<void>;
}

/** Once for all processes of a run: what is edited meanwhile must not make them differ. */
let build: Promise<string> | undefined;

/** `file` is a module under `test/`, without its ending. */
export async function startProcess<Ready>(
  file: string,
  environment: Record<string, string> = {},
): Promise<BenchProcess<Ready>> {
  build ??= compiledSources(['test/bench', 'test/faults', 'test/workflows/main-thread']);
  const child = fork(path.join(await build, 'test', `${file}.js`), [], {
    execArgv: [],
    env: { ...process.env, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ready = new Promise<Ready>((resolve) => {
    child.once('message', (message: { ready: Ready }) => resolve(message.ready));
  });
  const overdue = AbortSignal.timeout(readyWithinMs);
  const failed = new Promise<never>((_, reject) => {
    void exited.then((code) => reject(new Error(`${file} ended with code ${code} before it was ready`)));
    overdue.addEventListener('abort', () =>
      reject(new Error(`${file} was not ready in ${readyWithinMs} ms`)),
    );
  });
  failed.catch(() => undefined);

  async function stop(): Promise<void> {
    child.kill('SIGTERM');
    const tooSlow = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
    await exited;
    clearTimeout(tooSlow);
  }
  try {
    return { ready: await Promise.race([ready, failed]), pid: child.pid ?? 0, child, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
