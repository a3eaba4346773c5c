import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { createKeeper, type Keeper } from '../../../dev/stack/keeper';
import { freePorts } from '../../../dev/stack/ports';
import { startPostgres, type Postgres } from '../../../dev/stack/postgres';
import { postgresHome } from '../../../dev/stack/postgres-home';
import { removeState } from '../../../dev/stack/remove-state';

jest.setTimeout(60_000);

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

let outer: string;
let original: string;
let other: string;
let keeper: Keeper;
const started: Postgres[] = [];
const homes = new Set<string>();

beforeEach(() => {
  outer = realpathSync(mkdtempSync(path.join(tmpdir(), 'durapay-home-')));
  chmodSync(outer, 0o755);
  original = path.join(outer, 'original', '.durapay');
  other = path.join(outer, 'other', '.durapay');
  keeper = createKeeper();
});
afterEach(async () => {
  for (const postgres of started.splice(0)) await postgres.child.stop();
  keeper.dismiss();
  for (const home of homes) rmSync(home, { recursive: true, force: true });
  homes.clear();
  rmSync(outer, { recursive: true, force: true });
});

async function start(folder: string): Promise<Postgres> {
  const [port = 0] = await freePorts(1);
  const logFile = path.join(outer, 'postgres.log');
  const postgres = await startPostgres({ folder, port, logFile, keeper, isThrowaway: true });
  homes.add(postgresHome(folder) ?? '');
  started.push(postgres);
  return postgres;
}

/** With a table that says whose data these are. */
async function startWithData(): Promise<Postgres> {
  const postgres = await start(original);
  await query(postgres, `create table kept as select 'original' as whose`);
  return postgres;
}

async function query(postgres: Postgres, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: postgres.url('durapay_owner') });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

const whose = (postgres: Postgres) => query(postgres, 'select whose from kept');
const move = () => renameSync(path.dirname(original), path.dirname(other));
/** With its owners, which Node's own copy does not keep. */
const copy = () => execFileSync('cp', ['-a', path.dirname(original), path.dirname(other)]);

describe('PostgreSQL in the state folder', () => {
  it('is found again in a folder that was moved', async () => {
    await (await startWithData()).child.stop();
    move();
    expect(await whose(await start(other))).toEqual([{ whose: 'original' }]);
    expect(existsSync(original)).toBe(false);
  });

  it('is found again where an older version put down its place, and the folder was moved since', async () => {
    await (await startWithData()).child.stop();
    writeFileSync(path.join(original, 'postgres-home'), `${path.join(original, 'postgres')}\n`);
    move();
    expect(await whose(await start(other))).toEqual([{ whose: 'original' }]);
    expect(existsSync(original)).toBe(false);
  });

  it('belongs to one folder, and a copy has its own', async () => {
    await (await startWithData()).child.stop();
    copy();
    const first = await start(original);
    const second = await start(other);
    await query(second, `update kept set whose = 'copy'`);
    expect(first.child.isRunning).toBe(true);
    expect(await whose(first)).toEqual([{ whose: 'original' }]);
    expect(await whose(second)).toEqual([{ whose: 'copy' }]);
  });

  it('stays when the state of a copy is removed', async () => {
    await (await startWithData()).child.stop();
    copy();
    await removeState(other);
    expect(existsSync(other)).toBe(false);
    expect(await whose(await start(original))).toEqual([{ whose: 'original' }]);
  });

  it('is not chosen for the reader where a moved folder has left newer data at its old place', async () => {
    await (await startWithData()).child.stop();
    move();
    const old = path.join(original, 'postgres');
    cpSync(path.join(other, 'postgres'), old, { recursive: true });
    writeFileSync(path.join(other, 'postgres-home'), `${old}\n`);
    await expect(start(other)).rejects.toThrow(
      `PostgreSQL's data lie in ${path.join(other, 'postgres')} and in ${old}`,
    );
    rmSync(old, { recursive: true });
    expect(await whose(await start(other))).toEqual([{ whose: 'original' }]);
  });
});

asRoot('PostgreSQL outside a folder that only root may enter', () => {
  beforeEach(() => chmodSync(outer, 0o700));

  it('is found again in a folder that was moved', async () => {
    await (await startWithData()).child.stop();
    move();
    expect(await whose(await start(other))).toEqual([{ whose: 'original' }]);
    await removeState(other);
    expect([...homes].filter(existsSync)).toEqual([]);
  });

  it('is not shared with a copy, whose start says what to do', async () => {
    const first = await startWithData();
    copy();
    await expect(start(other)).rejects.toThrow(
      `are those of ${original}, of which ${other} is a copy: use that one, or`,
    );
    expect(await removeState(other)).toBe(postgresHome(original));
    const second = await start(other);
    expect(postgresHome(other)).not.toBe(postgresHome(original));
    await expect(whose(second)).rejects.toThrow('does not exist');
    expect(await whose(first)).toEqual([{ whose: 'original' }]);
  });

  /** Its place was made of the folder's, and it did not say whose it is. */
  async function startAsAnOlderVersion(): Promise<string> {
    await (await startWithData()).child.stop();
    const hash = createHash('sha256').update(path.join(original, 'postgres')).digest('hex');
    const made = postgresHome(original) ?? '';
    const home = path.join(path.dirname(made), hash.slice(0, 16));
    homes.add(home);
    renameSync(made, home);
    rmSync(path.join(home, 'state-folder'), { force: true });
    writeFileSync(path.join(original, 'postgres-home'), `${home}\n`);
    return home;
  }

  it('is found again where an older version made it', async () => {
    const home = await startAsAnOlderVersion();
    expect(await whose(await start(original))).toEqual([{ whose: 'original' }]);
    expect(postgresHome(original)).toBe(home);
  });

  it('asks whether a folder of an older version was moved or copied', async () => {
    const home = await startAsAnOlderVersion();
    move();
    expect(await removeCopyOf(other)).toBe(home);
    await expect(start(other)).rejects.toThrow(`write ${other} into ${path.join(home, 'state-folder')}`);
    writeFileSync(path.join(home, 'state-folder'), `${other}\n`);
    expect(await whose(await start(other))).toEqual([{ whose: 'original' }]);
  });

  it('is another one for a new checkout in the place of one that was removed', async () => {
    await (await startWithData()).child.stop();
    const left = postgresHome(original) ?? '';
    rmSync(path.dirname(original), { recursive: true });
    await expect(whose(await start(original))).rejects.toThrow('does not exist');
    expect(existsSync(path.join(left, 'data', 'PG_VERSION'))).toBe(true);
  });

  it('is not made anew where it was taken away', async () => {
    await (await startWithData()).child.stop();
    const home = postgresHome(original) ?? '';
    renameSync(home, `${home}.away`);
    homes.add(`${home}.away`);
    await expect(start(original)).rejects.toThrow(
      `says that PostgreSQL's data lie in ${home}, which is not there`,
    );
    renameSync(`${home}.away`, home);
    expect(await whose(await start(original))).toEqual([{ whose: 'original' }]);
  });

  it('stays in a folder that was closed since, and the start says what to do', async () => {
    chmodSync(outer, 0o755);
    await (await startWithData()).child.stop();
    chmodSync(outer, 0o700);
    const home = path.join(original, 'postgres');
    await expect(start(original)).rejects.toThrow(
      `PostgreSQL runs as the user "postgres", who can't get at its data in ${home}: let that user`,
    );
    chmodSync(outer, 0o755);
    expect(await whose(await start(original))).toEqual([{ whose: 'original' }]);
  });

  async function removeCopyOf(folder: string): Promise<string | undefined> {
    const again = path.join(outer, 'again');
    execFileSync('cp', ['-a', folder, again]);
    return removeState(again);
  }
});

it('leaves alone a PostgreSQL whose stack runs, though its folder is not the one it was', async () => {
  await (await startWithData()).child.stop();
  const data = path.join(original, 'postgres', 'data');
  const server = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)', '--', '-D', '${data}', '-c'])`;
  const stack = spawn(process.execPath, [
    '-e',
    `const server = ${server}; process.stdout.write(String(server.pid)); server.on('exit', () => process.exit())`,
    'dev/start/index.ts',
  ]);
  const ended = once(stack, 'exit');
  const [pid] = (await once(stack.stdout, 'data')) as [Buffer];
  try {
    writeFileSync(path.join(data, 'postmaster.pid'), `${pid.toString()}\n`);
    await expect(start(original)).rejects.toThrow(`for a Durapay stack that runs (pid ${stack.pid}, in`);
    expect(stack.exitCode).toBeNull();
  } finally {
    if (stack.exitCode === null) process.kill(Number(pid.toString()));
    await ended;
  }
});
