import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { until } from '../../support/until';

const root = path.join(__dirname, '..', '..', '..');
const watching = `
  const { spawn } = require('node:child_process');
  const { createKeeper } = require('./dev/stack/keeper.ts');
  const { identify } = require('./dev/stack/process-identity.ts');
  const child = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
  const keeper = createKeeper();
  keeper.watch(identify(child.pid), 'SIGTERM');
  console.log(child.pid);
  process.stdin.pipe(process.stdout);`;

/** Looks for processes in /proc. */
const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('a keeper that is killed is replaced, and the next one ends what the first was told of', async () => {
  const runner = spawn(process.execPath, ['--require', 'tsx/cjs', '-e', watching], { cwd: root });
  try {
    const [said] = (await once(runner.stdout, 'data')) as [Buffer];
    const child = Number(String(said));
    const first = await until('there is a keeper', () => keeperOf(runner.pid));
    process.kill(first, 'SIGKILL');
    await until('there is another', () => {
      const next = keeperOf(runner.pid);
      return next !== undefined && next !== first && next;
    });
    // What it does between the start of another and telling it what to watch is one step: it answers after that.
    runner.stdin.write('?');
    await once(runner.stdout, 'data');
    expect(isRunning(child)).toBe(true);
    runner.kill('SIGKILL');
    await until('the child is gone', () => !isRunning(child));
  } finally {
    runner.kill('SIGKILL');
  }
});

function keeperOf(parent: number | undefined): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find(
      (pid) =>
        read(pid, 'cmdline').includes('keeper-process.js') &&
        new RegExp(`^PPid:\\s+${parent}$`, 'm').test(read(pid, 'status')),
    );
}

function isRunning(pid: number): boolean {
  const state = /^State:\s+(\S)/m.exec(read(pid, 'status'))?.[1];
  return state !== undefined && state !== 'Z';
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
