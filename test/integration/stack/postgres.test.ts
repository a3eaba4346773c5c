import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { createKeeper, type Keeper } from '../../../dev/stack/keeper';
import { freePorts } from '../../../dev/stack/ports';
import { startPostgres, type Postgres } from '../../../dev/stack/postgres';
import { postgresHome } from '../../../dev/stack/postgres-home';
import { identify } from '../../../dev/stack/process-identity';

const isRoot = process.getuid?.() === 0;

describe('the embedded PostgreSQL', () => {
  let folder: string;
  let outer: string;
  let keeper: Keeper;
  const started: Postgres[] = [];

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'durapay-postgres-'));
    outer = folder;
    keeper = createKeeper();
  });
  afterEach(async () => {
    for (const postgres of started.splice(0)) await postgres.child.stop();
    keeper.dismiss();
    const home = postgresHome(folder);
    if (home) rmSync(home, { recursive: true, force: true });
    rmSync(outer, { recursive: true, force: true });
  });

  async function start(): Promise<Postgres> {
    const [port = 0] = await freePorts(1);
    const logFile = path.join(folder, 'postgres.log');
    const postgres = await startPostgres({ folder, port, logFile, keeper, isThrowaway: true });
    started.push(postgres);
    return postgres;
  }

  async function query(url: string, statement: string): Promise<unknown[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(statement)).rows;
    } finally {
      await client.end();
    }
  }

  it('finds its data again, and after SIGKILL too', async () => {
    const first = await start();
    await query(first.url('durapay_owner'), 'create table kept as select 7 as value');
    await first.child.stop();
    const second = await start();
    expect(await query(second.url('durapay_owner'), 'select value from kept')).toEqual([{ value: 7 }]);
    await second.child.kill('SIGKILL');
    await second.child.restart();
    expect(await query(second.url('durapay_owner'), 'select value from kept')).toEqual([{ value: 7 }]);
  });

  it('ends the orphan of a start that was killed, and takes its folder over', async () => {
    const orphaned = await start();
    const orphan = orphaned.child.pid ?? 0;
    const taken = await start();
    expect(identify(orphan)).toBeUndefined();
    expect(await query(taken.url('durapay_app'), 'select current_user as me')).toEqual([
      { me: 'durapay_app' },
    ]);
  });

  it('does not stumble over a start that ended half-way', async () => {
    const home = path.join(folder, 'postgres');
    mkdirSync(path.join(home, 'data.new', 'base'), { recursive: true });
    writeFileSync(path.join(home, 'data.new', 'PG_VERSION'), '18\n');
    const postgres = await start();
    expect(await query(postgres.url('durapay_app'), 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('does not take a stranger for its orphan', async () => {
    const first = await start();
    await first.child.stop();
    writeFileSync(path.join(postgresHome(folder) ?? '', 'data', 'postmaster.pid'), `${process.pid}\n`);
    await start();
    expect(identify(process.pid)).toBeDefined();
  });

  it('refuses the data of another version, and says what to do', async () => {
    const first = await start();
    await first.child.stop();
    writeFileSync(path.join(postgresHome(folder) ?? '', 'data', 'PG_VERSION'), '17\n');
    await expect(start()).rejects.toThrow(/belongs to PostgreSQL 17, this is 18\..*npm run reset/);
  });

  it('keeps its passwords from others', async () => {
    const postgres = await start();
    const file = path.join(folder, 'postgres-passwords.json');
    const { durapay_app: password } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
    await expect(
      query(postgres.url('durapay_app').replace(password ?? '', 'guess'), 'select 1'),
    ).rejects.toThrow('password authentication failed');
  });

  (isRoot ? it : it.skip)('as root, works in a folder that only root may enter', async () => {
    chmodSync(folder, 0o700);
    folder = path.join(folder, 'state');
    const postgres = await start();
    expect(await query(postgres.url('durapay_app'), 'select 1 as one')).toEqual([{ one: 1 }]);
    const home = postgresHome(folder) ?? '';
    expect(home.startsWith(folder)).toBe(false);
    expect(existsSync(path.join(home, 'data', 'PG_VERSION'))).toBe(true);
  });

  it('keeps its data in a fresh temporary folder, so that nothing is left when that goes', async () => {
    await start();
    expect(postgresHome(folder)?.startsWith(folder)).toBe(true);
  });
});
