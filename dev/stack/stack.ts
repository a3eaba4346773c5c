import path from 'node:path';
import { loadSettings } from '../../config/settings';
import { bringUpToDate } from '../../db/bring-up-to-date';
import { ofEachChannel } from '../sandboxes/channels';
import { seedDemo, type Demo } from '../seed';
import type { Child } from './child';
import { compiledSources } from './compiled';
import { createKeeper } from './keeper';
import { makeFolder } from './make-folder';
import { createRunNotes, endOrphans } from './orphans';
import { productChild, productProcesses, whatIs, type ProductProcess } from './product-children';
import { withProgress, type Report } from './progress';
import { stackSecrets, type StackSecrets } from './secrets';
import { stackFileOf } from './stack-file';
import { stackEnvironment } from './stack-environment';
import { ALL_PORTS, checkPortsFree, type StackPorts } from './stack-ports';
import { bringUpPostgres, bringUpTemporal, type StackContext } from './stack-servers';
import { makeBuildCurrent } from './temporal-workers';
import { builtWorkflowBundle } from './workflow-bundle';

export interface StackOptions {
  /** Data, logs, secrets: a later start with the same folder finds its data again. */
  stateFolder: string;
  ports: StackPorts;
  /** Settings of API and worker, over those of the stack; see config/settings.ts. */
  environment?: NodeJS.ProcessEnv;
  /** A Temporal server that runs already: none is started then. */
  temporalAddress?: string;
  /** Where API and worker find PostgreSQL, if not at its own port: a proxy that breaks what passes through it. */
  databaseThroughPort?: number;
  /** No fsync: faster, and what a power cut leaves is worth nothing. */
  isThrowaway?: boolean;
  report?: Report;
  /** Gives up a start in the middle; everything started so far is stopped before `startStack` rejects. */
  signal?: AbortSignal;
}

/** The processes; each can be killed and restarted by itself: `stack.children.api.kill('SIGKILL')`. */
export interface StackChildren extends Record<ProductProcess, Child> {
  postgres: Child;
  /** Undefined when `temporalAddress` was given. */
  temporal: Child | undefined;
}

export interface Stack {
  urls: {
    /** Ends in /api/v1. */
    api: string;
    ui: string;
    /** By name: { kpay: 'http://127.0.0.1:8090' }. */
    sandboxes: Record<string, string>;
  };
  demo: Demo;
  /** What the product's processes are configured with: enough to run another one, or a script, beside them. */
  env: NodeJS.ProcessEnv;
  /** The database as the owner of its tables, which the product's processes are not given. */
  ownerUrl: string;
  children: StackChildren;
  /** Stops every child, in order: who takes requests first, what holds the data last. */
  stop(): Promise<void>;
}

/** Brings up everything; resolves when a payment can be made. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const report = options.report ?? (() => undefined);
  const { ports, stateFolder, temporalAddress } = options;
  makeFolder(stateFolder);
  const secrets = stackSecrets(stateFolder);
  const base = stackEnvironment({
    ports,
    secrets,
    temporalAddress,
    given: options.environment,
  });
  const settings = loadSettings(base);
  const run = path.join(stateFolder, 'run');
  const left = await endOrphans(run);
  if (left.length > 0) report(`Ended what an earlier start had left: ${left.join(', ')}.`);
  await checkPortsFree(
    ports,
    ALL_PORTS.filter((name) => !(temporalAddress && (name === 'temporal' || name === 'ui'))),
  );

  const keeper = createKeeper();
  keeper.unlink(stackFileOf(stateFolder));
  const started: Child[] = [];
  const stop = async () => {
    for (const child of [...started].reverse()) await child.stop();
    keeper.dismiss();
  };
  const context: StackContext & Pick<StackOptions, 'databaseThroughPort'> = {
    ...options,
    settings,
    report,
    keeper,
    logs: path.join(stateFolder, 'logs'),
    notes: createRunNotes(run),
  };
  try {
    return await bringUp(context, { ...options, secrets, base, started, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

interface BringUp {
  temporalAddress?: string;
  secrets: StackSecrets;
  base: NodeJS.ProcessEnv;
  /** In the order in which they are to be stopped, the last first. */
  started: Child[];
  stop: () => Promise<void>;
}

async function bringUp(
  context: StackContext & Pick<StackOptions, 'databaseThroughPort'>,
  { started, ...given }: BringUp,
): Promise<Stack> {
  const { report, ports, settings } = context;
  const [postgres, temporal, bundle, build] = await all([
    bringUpPostgres(context).then((server) => {
      started.unshift(server.child);
      return server;
    }),
    bringUpTemporal(context, { ...given, codecToken: given.secrets.codecToken }).then((child) => {
      if (child) started.push(child);
      return child;
    }),
    withProgress(report, 'Bundling the workflows', () =>
      builtWorkflowBundle({ ...context, env: given.base }),
    ),
    withProgress(report, 'Compiling the sources', () => compiledSources()),
  ]);
  const ownerUrl = postgres.url('durapay_owner');
  await withProgress(report, 'Bringing the database up to date', () => bringUpToDate(ownerUrl));

  const env = {
    ...given.base,
    DATABASE_URL: through(postgres.url('durapay_app'), context.databaseThroughPort),
    WORKFLOW_BUNDLE: bundle.file,
    WORKER_BUILD_ID: bundle.buildId,
  };
  const sandboxes = {
    ...ofEachChannel((name) => `http://127.0.0.1:${ports[name]}`),
    postbox: `http://127.0.0.1:${ports.postbox}`,
    rates: `http://127.0.0.1:${ports.rates}`,
  };
  const demo = await seedDemo({ env, keys: given.secrets.demo, sandboxes });
  const start = async (name: ProductProcess): Promise<[ProductProcess, Child]> => {
    const child = productChild(name, { ...context, env, build });
    started.push(child);
    await withProgress(report, `Starting ${whatIs(name)}`, () => child.start());
    return [name, child];
  };
  const running = await all(productProcesses.map(start));
  if (settings.WORKER_VERSIONING !== 'off') {
    await makeBuildCurrent(
      { address: settings.TEMPORAL_ADDRESS, namespace: settings.TEMPORAL_NAMESPACE },
      { deploymentName: settings.WORKER_DEPLOYMENT_NAME, buildId: bundle.buildId },
      context.signal,
    );
  }
  return {
    urls: { api: `http://127.0.0.1:${ports.api}/api/v1`, ui: settings.TEMPORAL_UI_URL, sandboxes },
    demo,
    env,
    ownerUrl,
    children: {
      postgres: postgres.child,
      temporal,
      ...(Object.fromEntries(running) as Record<ProductProcess, Child>),
    },
    stop: given.stop,
  };
}

function through(url: string, port: number | undefined): string {
  if (port === undefined) return url;
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}

/** Waits for all even if one fails: what another is just starting must be known, to be stopped. */
async function all<Work extends readonly unknown[] | []>(
  work: Work,
): Promise<{ -readonly [Index in keyof Work]: Awaited<Work[Index]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
