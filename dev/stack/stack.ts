import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { loadSettings } from '../../config/settings';
import { createKnex } from '../../db/knex';
import { seedDemo, type Demo } from '../seed';
import type { Child } from './child';
import { createKeeper } from './keeper';
import { createRunNotes, endOrphans } from './orphans';
import { startPostgres } from './postgres';
import { productChild, type ProductContext } from './product-children';
import { withProgress, type Report } from './progress';
import { stackSecrets } from './secrets';
import { stackEnvironment } from './stack-environment';
import { checkPortsFree, type StackPorts } from './stack-ports';
import { prepareNamespaceAt, startTemporal } from './temporal';
import { findTemporalProgram } from './temporal-program';

export interface StackOptions {
  /** Data, logs, secrets: a later start with the same folder finds its data again. */
  stateFolder: string;
  ports: StackPorts;
  /** Settings of API and worker, over those of the stack; see config/settings.ts. */
  environment?: NodeJS.ProcessEnv;
  /** A Temporal server that runs already: none is started then. */
  temporalAddress?: string;
  /** No fsync: faster, and what a power cut leaves is worth nothing. */
  isThrowaway?: boolean;
  report?: Report;
  /** Gives up a start in the middle; everything started so far is stopped before `startStack` rejects. */
  signal?: AbortSignal;
}

/** The processes; each can be killed and restarted by itself: `stack.children.api.kill('SIGKILL')`. */
export interface StackChildren {
  postgres: Child;
  /** Undefined when `temporalAddress` was given. */
  temporal: Child | undefined;
  kpay: Child;
  worker: Child;
  api: Child;
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
  children: StackChildren;
  /** Stops every child, in order: who takes requests first, what holds the data last. */
  stop(): Promise<void>;
}

/** Brings up everything; resolves when a payment can be made. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const report = options.report ?? (() => undefined);
  const { ports, stateFolder } = options;
  mkdirSync(stateFolder, { recursive: true });
  const secrets = stackSecrets(stateFolder);
  const logs = path.join(stateFolder, 'logs');
  const run = path.join(stateFolder, 'run');
  const temporalAddress = options.temporalAddress ?? `127.0.0.1:${ports.temporal}`;

  const left = await endOrphans(run);
  if (left.length > 0) report(`Ended what an earlier start had left: ${left.join(', ')}.`);
  const ours = Object.keys(ports) as (keyof StackPorts)[];
  await checkPortsFree(
    ports,
    ours.filter((name) => !(options.temporalAddress && (name === 'temporal' || name === 'ui'))),
  );

  const keeper = createKeeper();
  const notes = createRunNotes(run);
  const shared = { keeper, notes, signal: options.signal };
  const started: Child[] = [];
  const stop = async () => {
    for (const child of [...started].reverse()) await child.stop();
    keeper.dismiss();
  };

  async function bringUpPostgres() {
    const postgres = await withProgress(report, 'Starting PostgreSQL', () =>
      startPostgres({
        ...shared,
        folder: stateFolder,
        port: ports.postgres,
        logFile: path.join(logs, 'postgres.log'),
        isThrowaway: options.isThrowaway,
      }),
    );
    started.unshift(postgres.child);
    return postgres;
  }

  async function bringUpTemporal(settings: {
    namespace: string;
    retentionDays: number;
    codecEndpoint: string;
  }) {
    if (options.temporalAddress) {
      await withProgress(report, `Looking at Temporal at ${temporalAddress}`, () =>
        prepareNamespaceAt(temporalAddress, settings),
      );
      return undefined;
    }
    const program = await findTemporalProgram({ ...shared, report });
    const temporal = await withProgress(report, 'Starting Temporal', () =>
      startTemporal({
        ...shared,
        ...settings,
        program,
        port: ports.temporal,
        uiPort: ports.ui,
        databaseFile: path.join(stateFolder, 'temporal', 'temporal.db'),
        logFile: path.join(logs, 'temporal.log'),
      }),
    );
    started.push(temporal);
    return temporal;
  }

  try {
    const base = stackEnvironment({
      ports,
      secrets,
      stateFolder,
      temporalAddress,
      given: options.environment,
    });
    const settings = loadSettings(base);
    const [postgres, temporal] = await both(
      bringUpPostgres(),
      bringUpTemporal({
        namespace: settings.TEMPORAL_NAMESPACE,
        retentionDays: settings.TEMPORAL_RETENTION_DAYS,
        codecEndpoint: `http://127.0.0.1:${ports.api}/codec/${secrets.codecToken}`,
      }),
    );
    const env = {
      ...base,
      DATABASE_URL: postgres.url('durapay_app'),
      DATABASE_OWNER_URL: postgres.url('durapay_owner'),
    };
    await withProgress(report, 'Bringing the database up to date', () => migrate(env.DATABASE_OWNER_URL));

    const context: ProductContext = { ...shared, env, logs, stateFolder, ports };
    const kpay = productChild('kpay', context);
    const worker = productChild('worker', context);
    const api = productChild('api', context);
    const sandboxes = { kpay: `http://127.0.0.1:${ports.kpay}` };
    const demo = await withProgress(report, 'Putting the demo merchant in place', () =>
      seedDemo({ env, keys: secrets.demo, sandboxes }),
    );
    const bringUp = async (child: Child, what: string) => {
      started.push(child);
      await withProgress(report, `Starting ${what}`, () => child.start());
    };
    await bringUp(kpay, 'the KPay sandbox');
    await both(bringUp(worker, 'the worker'), bringUp(api, 'the API'));
    return {
      urls: { api: `http://127.0.0.1:${ports.api}/api/v1`, ui: settings.TEMPORAL_UI_URL, sandboxes },
      demo,
      env,
      children: { postgres: postgres.child, temporal, kpay, worker, api },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function migrate(ownerUrl: string): Promise<void> {
  const knex = createKnex(ownerUrl);
  try {
    await knex.migrate.latest();
  } finally {
    await knex.destroy();
  }
}

/** Waits for both even if one fails: what the other is just starting must be known to be stopped. */
async function both<First, Second>(first: Promise<First>, second: Promise<Second>): Promise<[First, Second]> {
  await Promise.allSettled([first, second]);
  return Promise.all([first, second]);
}
