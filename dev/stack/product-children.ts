import path from 'node:path';
import { loadSettings } from '../../config/settings';
import { queuesOf } from '../../workers/queues';
import {
  bookFile,
  demoWebhookPath,
  ofEachChannel,
  sandboxVariable,
  type SandboxedChannel,
} from '../sandboxes/channels';
import { demoNewsPaths } from '../seed-services';
import { createChild, type Child } from './child';
import type { StackContext } from './stack-servers';
import { isPolledBy } from './temporal-workers';

export interface ProductContext extends StackContext {
  env: NodeJS.ProcessEnv;
  /** Where the sources are as JavaScript. */
  build: string;
}

interface Kind {
  /** As `npm start` tells of it. */
  what: string;
  entry: string;
  stopWithinMs: number;
  env?: (context: ProductContext) => NodeJS.ProcessEnv;
  isReady: (context: ProductContext, pid: number) => Promise<boolean>;
}

const root = path.join(__dirname, '..', '..');

export type ProductProcess = SandboxedChannel | 'postbox' | 'rates' | 'worker' | 'api';

const KINDS: Record<ProductProcess, Kind> = {
  ...ofEachChannel(sandboxKind),
  postbox: {
    what: 'the postbox',
    entry: 'dev/sandboxes/postbox/server',
    stopWithinMs: 5_000,
    env: ({ stateFolder, ports }) => ({
      POSTBOX_STATE: path.join(stateFolder, 'postbox-book.jsonl'),
      // What one sets in SendGrid's dashboard, for each account.
      POSTBOX_WEBHOOK_PRIMARY: `http://127.0.0.1:${ports.api}${demoNewsPaths.primary}`,
      POSTBOX_WEBHOOK_BACKUP: `http://127.0.0.1:${ports.api}${demoNewsPaths.backup}`,
    }),
    isReady: ({ ports }) => listens(`http://127.0.0.1:${ports.postbox}/healthz`),
  },
  rates: {
    what: 'the rates sandbox',
    entry: 'dev/sandboxes/rates/server',
    stopWithinMs: 5_000,
    isReady: ({ ports }) => listens(`http://127.0.0.1:${ports.rates}/`),
  },
  worker: {
    what: 'the worker',
    entry: 'workers/worker',
    stopWithinMs: 30_000,
    isReady: ({ env }, pid) => {
      const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, ...settings } = loadSettings(env);
      return isPolledBy({ address, namespace }, queuesOf(settings).operations, pid);
    },
  },
  api: {
    what: 'the API',
    entry: 'api/server',
    stopWithinMs: 30_000,
    isReady: ({ ports }) => answersOk(`http://127.0.0.1:${ports.api}/readyz`),
  },
};

export const productProcesses = Object.keys(KINDS) as ProductProcess[];

export function whatIs(name: ProductProcess): string {
  return KINDS[name].what;
}

function sandboxKind(name: SandboxedChannel, { title }: { title: string }): Kind {
  return {
    what: `the ${title} sandbox`,
    entry: `dev/sandboxes/${name}/server`,
    stopWithinMs: 5_000,
    env: ({ stateFolder, ports }) => ({
      [sandboxVariable(name, 'STATE')]: path.join(stateFolder, bookFile(name)),
      // What one sets in the dashboard of a provider that sends all its webhooks to one address.
      [sandboxVariable(name, 'WEBHOOK_URL')]: `http://127.0.0.1:${ports.api}${demoWebhookPath(name)}`,
    }),
    isReady: ({ ports }) => listens(`http://127.0.0.1:${ports[name]}/`),
  };
}

/** V8 brings four threads of its own to each process; one is enough, and four get in each other's way on two cores. */
const leanThreads = ['--v8-pool-size=1'];

/** One of the product's own processes. */
export function productChild(name: ProductProcess, context: ProductContext): Child {
  const kind = KINDS[name];
  const logFile = path.join(context.logs, `${name}.log`);
  const legibleStacks = context.env.NODE_ENV === 'production' ? [] : ['--enable-source-maps'];
  return createChild({
    name,
    command: process.execPath,
    args: [...leanThreads, ...legibleStacks, path.join(context.build, `${kind.entry}.js`)],
    cwd: root,
    env: { ...context.env, ...kind.env?.(context) },
    logFile,
    stopSignal: 'SIGTERM',
    stopWithinMs: kind.stopWithinMs,
    readyWithinMs: 60_000,
    isReady: (pid) => kind.isReady(context, pid),
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
