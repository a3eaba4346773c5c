import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import { withinTime } from '../../telemetry/within-time';
import { createChild, type Child } from './child';
import type { Keeper } from './keeper';
import type { RunNotes } from './orphans';
import { prepareNamespace, SEARCH_ATTRIBUTES, type NamespaceOptions } from '../../workers/namespace';

export interface TemporalOptions {
  /** From `findTemporalProgram`. */
  program: string;
  port: number;
  /** Without one there is no web UI. */
  uiPort?: number;
  /** Without one everything is forgotten when the server ends. */
  databaseFile?: string;
  namespace: string;
  retentionDays: number;
  /** Where the UI has payloads decoded for whoever looks at them. */
  codecEndpoint?: string;
  logFile: string;
  keeper: Keeper;
  notes?: RunNotes;
  signal?: AbortSignal;
}

/** Starts Temporal's dev server; returns when the namespace is there with its retention and search attributes. */
export async function startTemporal(options: TemporalOptions): Promise<Child> {
  const folder = options.databaseFile && path.dirname(options.databaseFile);
  if (folder) mkdirSync(folder, { recursive: true });
  const address = `127.0.0.1:${options.port}`;
  const child = createChild({
    name: 'temporal',
    command: options.program,
    args: ['server', 'start-dev', ...serverFlags(options)],
    cwd: folder,
    // Nothing of a person's own Temporal settings: profiles and addresses in the environment steer the CLI.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR },
    logFile: options.logFile,
    stopSignal: 'SIGTERM',
    stopWithinMs: 10_000,
    readyWithinMs: 60_000,
    isReady: () => hasNamespace(address, options.namespace, 5_000),
    keeper: options.keeper,
    notes: options.notes,
    signal: options.signal,
  });
  await child.start();
  try {
    await prepareNamespaceAt(address, options);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return child;
}

/** How Temporal's SQLite keeps its file: docs/adr/0012-how-temporal-keeps-its-file.md. */
const pragmas = {
  // A log that is synced when it is written back, not at each commit.
  journal_mode: 'WAL',
  synchronous: 'NORMAL',
  // In pages of 4 KB, of which a payment writes some 300; while they are written back everything waits.
  wal_autocheckpoint: 10_000,
  // In KB.
  cache_size: -65_536,
  temp_store: 'MEMORY',
  // Nobody else may open the file, so no lock has to be taken for each transaction.
  locking_mode: 'EXCLUSIVE',
} as const;

const pragmaFlags = Object.entries(pragmas).flatMap(([name, value]) => [
  '--sqlite-pragma',
  `${name}=${value}`,
]);

function serverFlags(options: TemporalOptions): string[] {
  const ui =
    options.uiPort === undefined
      ? ['--headless']
      : [
          ...['--ui-port', String(options.uiPort), '--ui-ip', '127.0.0.1'],
          ...(options.codecEndpoint ? ['--ui-codec-endpoint', options.codecEndpoint] : []),
        ];
  return [
    ...['--ip', '127.0.0.1', '--port', String(options.port), ...ui],
    ...['--namespace', options.namespace, '--log-level', 'error'],
    ...Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
    // One server needs no partitions: deploy/compose/temporal-dynamic-config.yaml says why.
    ...['--dynamic-config-value', 'matching.numTaskqueueWritePartitions=1'],
    // Seen from its folder: SQLite reads the name as an address, where a folder with "#" or "%" in it is another one.
    ...(options.databaseFile ? ['--db-filename', path.basename(options.databaseFile), ...pragmaFlags] : []),
  ];
}

/** Asks the server's database, not only the server. */
export async function hasNamespace(address: string, namespace: string, withinMs: number): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: Math.min(withinMs, 2_000) });
  try {
    const asked = connection.withDeadline(Date.now() + withinMs, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    // The deadline is not looked at while it pauses between its tries.
    return await withinTime(
      asked.then(() => true),
      withinMs,
      () => false,
    );
  } finally {
    await connection.close();
  }
}

/** For a server that is up, whoever started it. */
export async function prepareNamespaceAt(address: string, options: NamespaceOptions): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 5_000 });
  await prepareNamespace(connection, options).finally(() => connection.close());
}
