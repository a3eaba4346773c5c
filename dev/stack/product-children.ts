import path from 'node:path';
import { loadSettings } from '../../config/settings';
import { queuesOf } from '../../workers/queues';
import { demoWebhookPaths } from '../seed';
import { demoNewsPaths } from '../seed-services';
import { createChild, type Child } from './child';
import type { StackContext } from './stack-servers';
import { isPolledBy } from './temporal-workers';

export interface ProductContext extends StackContext {
  env: NodeJS.ProcessEnv;
}

interface Kind {
  entry: string;
  stopWithinMs: number;
  env?: (context: ProductContext) => NodeJS.ProcessEnv;
  isReady: (context: ProductContext, pid: number) => Promise<boolean>;
}

const root = path.join(__dirname, '..', '..');

export type ProductProcess = 'kpay' | 'tpay' | 'stripe' | 'ecpay' | 'postbox' | 'rates' | 'worker' | 'api';

const KINDS: Record<ProductProcess, Kind> = {
  kpay: {
    entry: 'dev/sandboxes/kpay/server.ts',
    stopWithinMs: 5_000,
    env: ({ stateFolder }) => ({ KPAY_SANDBOX_STATE: path.join(stateFolder, 'kpay-book.jsonl') }),
    isReady: ({ ports }) => listens(`http://127.0.0.1:${ports.kpay}/`),
  },
  tpay: {
    entry: 'dev/sandboxes/tpay/server.ts',
    stopWithinMs: 5_000,
    env: ({ stateFolder }) => ({ TPAY_SANDBOX_STATE: path.join(stateFolder, 'tpay-book.jsonl') }),
    isReady: ({ ports }) => listens(`http://127.0.0.1:${ports.tpay}/`),
  },
  stripe: {
    entry: 'dev/sandboxes/stripe/server.ts',
    stopWithinMs: 5_000,
    env: ({ stateFolder, ports }) => ({
      STRIPE_SANDBOX_STATE: path.join(stateFolder, 'stripe-book.jsonl'),
      // What one sets in Stripe's dashboard.
      STRIPE_SANDBOX_WEBHOOK_URL: `http://127.0.0.1:${ports.api}${demoWebhookPaths.stripe}`,
    }),
    isReady: ({ ports }) => listens(`http://127.0.0.1:${ports.stripe}/`),
  },
  ecpay: {
    entry: 'dev/sandboxes/ecpay/server.ts',
    stopWithinMs: 5_000,
    env: ({ stateFolder }) => ({ ECPAY_SANDBOX_STATE: path.join(stateFolder, 'ecpay-book.jsonl') }),
    isReady: ({ ports }) => listens(`http://127.0.0.1:${ports.ecpay}/`),
  },
  postbox: {
    entry: 'dev/sandboxes/postbox/server.ts',
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
    entry: 'dev/sandboxes/rates/server.ts',
    stopWithinMs: 5_000,
    isReady: ({ ports }) => listens(`http://127.0.0.1:${ports.rates}/`),
  },
  worker: {
    entry: 'workers/worker.ts',
    stopWithinMs: 30_000,
    isReady: ({ env }, pid) => {
      const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, ...settings } = loadSettings(env);
      return isPolledBy({ address, namespace }, queuesOf(settings).operations, pid);
    },
  },
  api: {
    entry: 'api/server.ts',
    stopWithinMs: 30_000,
    isReady: ({ ports }) => answersOk(`http://127.0.0.1:${ports.api}/readyz`),
  },
};

/** V8 brings four threads of its own to each process; one is enough, and four get in each other's way on two cores. */
const leanThreads = ['--v8-pool-size=1'];

/** One of the product's own processes, run from source. */
export function productChild(name: ProductProcess, context: ProductContext): Child {
  const kind = KINDS[name];
  const logFile = path.join(context.logs, `${name}.log`);
  return createChild({
    name,
    command: process.execPath,
    args: [...leanThreads, '--require', require.resolve('tsx/cjs'), path.join(root, kind.entry)],
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
