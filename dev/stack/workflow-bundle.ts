import path from 'node:path';
import type { Keeper } from './keeper';
import { runProgram } from './run-program';

const BUILD_WITHIN_MS = 120_000;

export interface BuiltBundle {
  file: string;
  /** The same for the same sources: what Temporal tells one build of the workflows from another by. */
  buildId: string;
}

/** In a process of its own: the bundler's memory is given back, and the runner stays free to answer Ctrl-C. */
export async function builtWorkflowBundle(options: {
  env: NodeJS.ProcessEnv;
  keeper: Keeper;
  signal?: AbortSignal;
}): Promise<BuiltBundle> {
  const script = path.join(__dirname, 'bundle-process.ts');
  const { code, output } = await runProgram(
    process.execPath,
    ['--require', require.resolve('tsx/cjs'), script],
    {
      ...options,
      timeoutMs: BUILD_WITHIN_MS,
    },
  );
  options.signal?.throwIfAborted();
  const file = output.split('\n').at(-1) ?? '';
  if (code !== 0 || !path.isAbsolute(file)) throw new Error(`Bundling the workflows failed:\n${output}`);
  return { file, buildId: path.basename(file, '.js') };
}
