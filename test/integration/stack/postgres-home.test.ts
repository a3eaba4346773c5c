import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
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
import { postgresAccount } from '../../../dev/stack/postgres-account';
import { homeOf, postgresHome } from '../../../dev/stack/postgres-home';
import { removeState } from '../../../dev/stack/remove-state';

jest.setTimeout(60_000);

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

let outer: string;
let original: string;
let other: string;
let elsewhere: string;
let keeper: Keeper;
const started: Postgres[] = [];

beforeEach(() => {
  outer = realpathSync(mkdtempSync(path.join(tmpdir(), 'durapay-home-')));
  chmodSync(outer, 0o755);
  original = path.join(outer, 'original', '.durapay');
  other = path.join(outer, 'other', '.durapay');
  elsewhere = realpathSync(mkdtempSync(path.join(tmpdir(), 'durapay-elsewhere-')));
  keeper = createKeeper();
});
afterEach(async () => {
  for (const postgres of started.splice(0)) await postgres.child.stop();
  keeper.dismiss();
  for (const folder of [outer, elsewhere]) rmSync(folder, { recursive: true, force: true });
});

async function start(folder: string): Promise<Postgres> {
  const [port = 0] = await freePorts(1);
  const logFile = path.join(outer, 'postgres.log');
  const postgres = await startPostgres({ folder, port, logFile, keeper, isThrowaway: true });
  started.push(postgres);
  return postgres;
}

/** As a start would work there, without the seconds that PostgreSQL takes to make its data: they say whose they are. */
const home = (folder: string) => homeOf(folder, postgresAccount(), elsewhere);
function makeData(): string {
  const data = path.join(home(original), 'data');
  mkdirSync(data);
  writeFileSync(path.join(data, 'whose'), 'original');
  return path.dirname(data);
}
function whoseIn(folder: string): string | undefined {
  const file = path.join(home(folder), 'data', 'whose');
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
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
  it('is found again in a folder that was moved', () => {
    makeData();
    move();
    expect(whoseIn(other)).toBe('original');
    expect(existsSync(original)).toBe(false);
  });

  it('is found again where an older version put down its place, and the folder was moved since', () => {
    makeData();
    writeFileSync(path.join(original, 'postgres-home'), `${path.join(original, 'postgres')}\n`);
    move();
    expect(whoseIn(other)).toBe('original');
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
    makeData();
    copy();
    await removeState(other);
    expect(existsSync(other)).toBe(false);
    expect(whoseIn(original)).toBe('original');
  });

  it('is not chosen for the reader where a moved folder has left newer data at its old place', () => {
    makeData();
    move();
    const old = path.join(original, 'postgres');
    cpSync(path.join(other, 'postgres'), old, { recursive: true });
    writeFileSync(path.join(other, 'postgres-home'), `${old}\n`);
    expect(() => home(other)).toThrow(
      `PostgreSQL's data lie in ${path.join(other, 'postgres')} and in ${old}`,
    );
    rmSync(old, { recursive: true });
    expect(whoseIn(other)).toBe('original');
  });
});

asRoot('PostgreSQL outside a folder that only root may enter', () => {
  beforeEach(() => {
    chmodSync(elsewhere, 0o755);
    chmodSync(outer, 0o700);
  });

  it('is found again in a folder that was moved', async () => {
    const made = makeData();
    expect(path.dirname(made)).toBe(elsewhere);
    move();
    expect(whoseIn(other)).toBe('original');
    await removeState(other);
    expect(existsSync(made)).toBe(false);
  });

  it('is not shared with a copy, whose start says what to do', async () => {
    const made = makeData();
    copy();
    expect(() => home(other)).toThrow(
      `are those of ${original}, of which ${other} is a copy: use that one, or`,
    );
    expect(await removeState(other)).toBe(made);
    expect(whoseIn(other)).toBeUndefined();
    expect(postgresHome(other)).not.toBe(made);
    expect(whoseIn(original)).toBe('original');
  });

  /** Its place was made of the folder's, and it did not say whose it is. */
  function makeAsAnOlderVersion(): string {
    const hash = createHash('sha256').update(path.join(original, 'postgres')).digest('hex');
    const older = path.join(elsewhere, hash.slice(0, 16));
    renameSync(makeData(), older);
    rmSync(path.join(older, 'state-folder'), { force: true });
    writeFileSync(path.join(original, 'postgres-home'), `${older}\n`);
    return older;
  }

  it('is found again where an older version made it', () => {
    const older = makeAsAnOlderVersion();
    expect(whoseIn(original)).toBe('original');
    expect(postgresHome(original)).toBe(older);
  });

  it('asks whether a folder of an older version was moved or copied', async () => {
    const older = makeAsAnOlderVersion();
    move();
    const again = path.join(outer, 'again');
    execFileSync('cp', ['-a', other, again]);
    expect(await removeState(again)).toBe(older);
    expect(() => home(other)).toThrow(`write ${other} into ${path.join(older, 'state-folder')}`);
    writeFileSync(path.join(older, 'state-folder'), `${other}\n`);
    expect(whoseIn(other)).toBe('original');
  });

  it('is another one for a new checkout in the place of one that was removed', () => {
    const left = makeData();
    rmSync(path.dirname(original), { recursive: true });
    expect(whoseIn(original)).toBeUndefined();
    expect(existsSync(path.join(left, 'data', 'whose'))).toBe(true);
  });

  it('is not made anew where it was taken away', () => {
    const made = makeData();
    renameSync(made, `${made}.away`);
    expect(() => home(original)).toThrow(`says that PostgreSQL's data lie in ${made}, which is not there`);
    renameSync(`${made}.away`, made);
    expect(whoseIn(original)).toBe('original');
  });

  it('stays in a folder that was closed since, and the start says what to do', () => {
    chmodSync(outer, 0o755);
    const made = makeData();
    chmodSync(outer, 0o700);
    expect(() => home(original)).toThrow(
      `PostgreSQL runs as the user "postgres", who can't get at its data in ${made}: let that user`,
    );
    chmodSync(outer, 0o755);
    expect(whoseIn(original)).toBe('original');
  });
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
