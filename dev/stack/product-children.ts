import path from 'node:path';
import { createChild, type Child } from './child';
import type { Keeper } from './keeper';
import type { RunNotes } from './orphans';
import type { StackPorts } from './stack-ports';

export interface ProductContext {
  env: NodeJS.ProcessEnv;
  logs: string;
  stateFolder: string;
  ports: StackPorts;
  keeper: Keeper;
  notes: RunNotes;
  signal?: AbortSignal;
}

interface Kind {
  entry: string;
  stopWithinMs: number;
  env?: (context: ProductContext) => NodeJS.ProcessEnv;
  isReady: (context: ProductContext, logFile: string) => Promise<boolean>;
}

const root = path.join(__dirname, '..', '..');

const KINDS: Record<'kpay' | 'worker' | 'api', Kind> = {
  kpay: {
    entry: 'dev/sandboxes/kpay/server.ts',
    stopWithinMs: 5_000,
    env: ({ stateFolder }) => ({ KPAY_SANDBOX_STATE: path.join(stateFolder, 'kpay-book.jsonl') }),
    isReady: ({ ports }) => listens(`http://127.0.0.1:${ports.kpay}/`),
  },
  worker: {
    entry: 'workers/worker.ts',
    stopWithinMs: 30_000,
    isReady: async () => true,
  },
  api: {
    entry: 'api/server.ts',
    stopWithinMs: 30_000,
    isReady: ({ ports }) => answersOk(`http://127.0.0.1:${ports.api}/readyz`),
  },
};

/** One of the product's own processes, run from source. */
export function productChild(name: keyof typeof KINDS, context: ProductContext): Child {
  const kind = KINDS[name];
  const logFile = path.join(context.logs, `${name}.log`);
  return createChild({
    name,
    command: process.execPath,
    args: ['--require', require.resolve('tsx/cjs'), path.join(root, kind.entry)],
    cwd: root,
    env: { ...context.env, ...kind.env?.(context) },
    logFile,
    stopSignal: 'SIGTERM',
    stopWithinMs: kind.stopWithinMs,
    readyWithinMs: 60_000,
    isReady: () => kind.isReady(context, logFile),
    keeper: context.keeper,
    notes: context.notes,
    signal: context.signal,
  });
}

async function answersOk(url: string): Promise<boolean> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(3_000) });
  await answer.body?.cancel();
  return answer.ok;
}

async function listens(url: string): Promise<boolean> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(3_000) });
  await answer.body?.cancel();
  return true;
}
