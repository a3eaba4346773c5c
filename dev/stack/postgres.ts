import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { createChild, type Child } from './child';
import { keptFile } from './kept-file';
import type { Keeper } from './keeper';
import type { RunNotes } from './orphans';
import { forgetOtherPostgres } from './other-postgres';
import { stackOf } from './port-holder';
import { postgresAccount, type Account } from './postgres-account';
import { POSTGRES_MAJOR, postgresBinaries } from './postgres-binaries';
import { homeOf } from './postgres-home';
import { commandLineOf, identify, isRunning } from './process-identity';

export interface PostgresOptions {
  /** Where data and passwords live; a later start with the same folder finds its data again. */
  folder: string;
  port: number;
  logFile: string;
  keeper: Keeper;
  notes?: RunNotes;
  signal?: AbortSignal;
  /** No fsync: for data that nobody misses after a power cut. */
  isThrowaway?: boolean;
}

export interface Postgres {
  child: Child;
  /** The address for a role: `postgres` may do all, `durapay_owner` owns the schema, `durapay_app` is the product. */
  url(role: PostgresRole, database?: string): string;
}

export type PostgresRole = 'postgres' | 'durapay_owner' | 'durapay_app';

const DATABASE = 'durapay';
const START_WITHIN_MS = 60_000;
const ORPHAN_STOP_WITHIN_MS = 10_000;

/** Starts PostgreSQL on a folder: makes the cluster if there is none, ends an orphan that still holds it. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  forgetOtherPostgres();
  const account = postgresAccount();
  const home = homeOf(options.folder, account, sharedFolder());
  const bin = postgresBinaries(account, sharedFolder());
  const dataFolder = path.join(home, 'data');
  const passwords = passwordsOf(options.folder, dataFolder);

  await endOrphan(dataFolder);
  if (!existsSync(dataFolder)) await createCluster(bin, dataFolder, passwords.postgres, account);
  checkVersion(dataFolder);

  const url = (role: PostgresRole, database = DATABASE) =>
    `postgres://${role}:${passwords[role]}@127.0.0.1:${options.port}/${database}`;
  const child = createChild({
    name: 'postgres',
    command: path.join(bin, 'postgres'),
    args: ['-D', dataFolder, ...serverFlags(options)],
    cwd: home,
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    account,
    logFile: options.logFile,
    stopSignal: 'SIGINT', // "fast": open transactions are rolled back, nobody is waited for
    stopWithinMs: 15_000,
    readyWithinMs: START_WITHIN_MS,
    isReady: () => answers(url('postgres', 'postgres')),
    keeper: options.keeper,
    notes: options.notes,
    signal: options.signal,
  });
  await child.start();
  try {
    await createRoles(url('postgres', 'postgres'), passwords);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { child, url };
}

function serverFlags(options: PostgresOptions): string[] {
  const settings: Record<string, string | number> = {
    port: options.port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '256MB',
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    random_page_cost: 1.1,
    jit: 'off',
    log_min_messages: 'warning',
    log_line_prefix: '%m [%p] %a ',
    // Recovers by itself after a crash of one backend; the stack decides about the rest.
    restart_after_crash: 'on',
    ...(options.isThrowaway
      ? {
          ...{ fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum_naptime: '5min' },
          max_wal_size: '512MB', // it may lie in memory
        }
      : {}),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Only for root, whose files others may not reach: a place that survives a restart of the machine if there is one. */
function sharedFolder(): string {
  return existsSync('/var/lib') ? '/var/lib/durapay' : path.join(tmpdir(), 'durapay');
}

function passwordsOf(folder: string, dataFolder: string): Record<PostgresRole, string> {
  const fresh = () => randomBytes(24).toString('hex');
  return keptFile(path.join(folder, 'postgres-passwords.json'), {
    dataFolder,
    make: () => ({ postgres: fresh(), durapay_owner: fresh(), durapay_app: fresh() }),
  });
}

/** Made beside its place and renamed when complete: an interrupted start leaves nothing that looks finished. */
async function createCluster(
  bin: string,
  dataFolder: string,
  password: string,
  account: Account | undefined,
): Promise<void> {
  const half = `${dataFolder}.new`;
  const passwordFile = `${dataFolder}.password`;
  rmSync(half, { recursive: true, force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account) chownSync(passwordFile, account.uid, account.gid);
  try {
    await promisify(execFile)(
      path.join(bin, 'initdb'),
      [
        ...['-D', half, '-U', 'postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
        ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
        '--no-sync',
      ],
      { ...(account ?? {}), cwd: path.dirname(dataFolder), env: { PATH: process.env.PATH, LC_ALL: 'C' } },
    );
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(
      `Making the PostgreSQL data folder ${dataFolder} failed: ${stderr?.trim() || String(error)}`,
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(half, dataFolder);
}

function checkVersion(dataFolder: string): void {
  const file = path.join(dataFolder, 'PG_VERSION');
  const version = existsSync(file) ? readFileSync(file, 'utf8').trim() : 'unknown';
  if (version === POSTGRES_MAJOR) return;
  throw new Error(
    `The data in ${dataFolder} belongs to PostgreSQL ${version}, this is ${POSTGRES_MAJOR}. Dump it with the ` +
      'version it came from, or begin anew with "npm run reset".',
  );
}

/** A server left over from a start that was killed holds the data folder: it is asked to end, then made to. */
async function endOrphan(dataFolder: string): Promise<void> {
  const pid = Number(readOrphanPid(dataFolder));
  if (!Number.isInteger(pid) || pid <= 1) return;
  const orphan = identify(pid);
  if (!orphan || !commandLineOf(pid)?.includes(` -D ${dataFolder} `)) return;
  const stack = stackOf(pid);
  if (stack)
    throw new Error(
      `PostgreSQL (pid ${pid}) holds ${dataFolder} for a Durapay stack that runs (${stack.name}): stop that one first ` +
        `with Ctrl-C, or kill ${stack.pid}.`,
    );
  process.kill(pid, 'SIGINT');
  const deadline = Date.now() + ORPHAN_STOP_WITHIN_MS;
  while (isRunning(orphan) && Date.now() < deadline) await sleep(50);
  if (isRunning(orphan)) process.kill(pid, 'SIGQUIT');
  while (isRunning(orphan) && Date.now() < deadline + ORPHAN_STOP_WITHIN_MS) await sleep(50);
  if (isRunning(orphan))
    throw new Error(
      `PostgreSQL (pid ${pid}) holds ${dataFolder} and does not end. End it by hand: kill -9 ${pid}`,
    );
}

function readOrphanPid(dataFolder: string): string {
  try {
    return readFileSync(path.join(dataFolder, 'postmaster.pid'), 'utf8').split('\n')[0] ?? '';
  } catch {
    return '';
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The migrations' role owns the database; the product's role may only do what the migrations grant it. */
async function createRoles(url: string, passwords: Record<PostgresRole, string>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const [role, attributes] of [
      ['durapay_owner', 'login createrole'],
      ['durapay_app', 'login'],
    ] as const) {
      const known = await client.query('select from pg_roles where rolname = $1', [role]);
      if (known.rowCount === 0) await client.query(`create role ${role} ${attributes}`);
      await client.query(`alter role ${role} password ${client.escapeLiteral(passwords[role])}`);
    }
    const made = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (made.rowCount === 0) await client.query(`create database ${DATABASE} owner durapay_owner`);
  } finally {
    await client.end();
  }
}
