import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { startSealer } from '../../../../activities/ledger/sealer';
import { createKnex } from '../../../../db/knex';
import { createPool, type Database } from '../../../../db/pool';
import { createLedger } from '../../../../db/stores/ledger-store';
import { createKeeper } from '../../../../dev/stack/keeper';
import { freePorts } from '../../../../dev/stack/ports';
import { startPostgres } from '../../../../dev/stack/postgres';

/** As many for every arm, whatever it does. */
export const connections = 8;

/** One database with a ledger in it; a sealer is at work, as there is in the product. */
export interface Books {
  database: Database;
  ledger: ReturnType<typeof createLedger>;
}

export interface BookServer {
  /** A database of its own, migrated, with the table that the unit of measure is inserted into. */
  openBooks(name: string): Promise<Books>;
  checkpoint(): Promise<void>;
  stop(): Promise<void>;
}

/** A PostgreSQL as the product's stack starts it, with all its promises about a power cut. */
export async function startBookServer(signal: AbortSignal): Promise<BookServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'durapay-bench-ledger-'));
  const keeper = createKeeper();
  keeper.remove(folder);
  const [port = 0] = await freePorts(1);
  const logFile = path.join(folder, 'postgres.log');
  const postgres = await startPostgres({ folder, port, logFile, keeper, signal });
  const admin = new Client({ connectionString: postgres.url('postgres') });
  await admin.connect();
  const closing: (() => Promise<unknown>)[] = [];

  return {
    async openBooks(name) {
      await admin.query(`create database ${name} owner durapay_owner`);
      const own = createKnex(postgres.url('durapay_owner', name));
      await own.migrate.latest();
      await own.raw(rawTable);
      await own.destroy();
      const database = createPool({
        url: postgres.url('durapay_app', name),
        size: connections,
        statementTimeoutMs: 60_000,
        name: 'bench',
      });
      const sealing = createPool({
        url: postgres.url('durapay_app', name),
        size: 1,
        statementTimeoutMs: 60_000,
        name: 'bench-sealer',
      });
      const sealer = startSealer({
        database: sealing,
        intervalMs: 1_000,
        journalsPerBlockMax: 5_000,
        onError: (error) => console.error(error),
      });
      closing.push(async () => {
        await sealer.stop();
        await Promise.all([database.end(), sealing.end()]);
      });
      return { database, ledger: createLedger() };
    },
    checkpoint: async () => void (await admin.query('checkpoint')),
    async stop() {
      for (const close of closing) await close();
      await admin.end();
      await postgres.child.stop();
      keeper.dismiss();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const rawTable = `
create table bench_raw (
  id uuid primary key,
  reference text collate "C" not null unique,
  amount numeric(38, 0) not null,
  created_at timestamptz not null default now()
);
grant select, insert on bench_raw to durapay_app`;
