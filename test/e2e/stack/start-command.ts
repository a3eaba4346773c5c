import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { environmentOfPorts, type StackPorts } from '../../../dev/stack/stack-ports';
import { readStackFile, type StackFile } from '../../../dev/stack/stack-file';

const root = path.join(__dirname, '..', '..', '..');

export interface Place {
  folder: string;
  ports: StackPorts;
}

/** `npm start` and its relatives as a person runs them, on a state folder and ports of their own. */
export function environmentOf({ folder, ports }: Place, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return {
    ...process.env,
    DURAPAY_STATE: folder,
    ...environmentOfPorts(ports),
    NODE_ENV: undefined,
    ...more,
  };
}

export interface StartedCommand {
  process: ChildProcess;
  output: () => string;
  /** The exit code; the signal's name if one ended it. */
  ended: Promise<number | string>;
}

export function start(place: Place, more?: NodeJS.ProcessEnv): StartedCommand {
  const child = spawn(process.execPath, ['dev/run.js', 'dev/start/index.ts'], {
    cwd: root,
    env: environmentOf(place, more),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const hear = (chunk: Buffer) => (text += chunk.toString());
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise<number | string>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown')),
  );
  return { process: child, output: () => text, ended };
}

export async function ready(command: StartedCommand, place: Place, withinMs = 60_000): Promise<StackFile> {
  let isOver = false;
  void command.ended.then(() => (isOver = true));
  const deadline = Date.now() + withinMs;
  for (;;) {
    const file = readStackFile(place.folder);
    if (file) return file;
    if (isOver || Date.now() > deadline) throw new Error(`The stack did not get ready:\n${command.output()}`);
    await sleep(50);
  }
}

export function reset(place: Place): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--require', require.resolve('tsx/cjs'), 'dev/reset.ts'],
    { cwd: root, env: environmentOf(place), encoding: 'utf8' },
  );
  return { code: status, output: stdout + stderr };
}

/** Every process that has the state folder in its environment or on its command line, but for this one. */
export function processesOf(folder: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({
      pid: Number(name),
      command: read(name, 'cmdline'),
      environment: read(name, 'environ'),
    }))
    .filter(({ command, environment }) => `${command}${environment}`.includes(folder))
    .map(({ pid, command }) => ({ pid, command }));
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 45_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}`);
    await sleep(50);
  }
}
