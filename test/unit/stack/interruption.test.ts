import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const root = path.join(__dirname, '..', '..', '..');
const command = `
  const { interruption } = require('./dev/interruption.ts');
  const alive = setInterval(() => undefined, 1_000);
  interruption((signal) => { console.log(signal); clearInterval(alive); });
  console.log('runs');
  setTimeout(() => { console.log('was left alone'); process.exit(); }, 4_000).unref();`;

// The second command keeps the shell from becoming the first.
const line = '"$NODE" --require tsx/cjs -e "$COMMAND"; true';
const script = 'node dev/run.js dev/start/index.ts';

/** What a command says until all of it is gone; `began` is told when it runs. */
async function saidBy(child: ChildProcessWithoutNullStreams, began: () => void): Promise<string> {
  let said = '';
  child.stdout.on('data', (part: Buffer) => {
    said += String(part);
    if (String(part).includes('runs')) began();
  });
  await once(child, 'close');
  return said;
}

/** What a command says whose shell is killed, as npm kills it when it is told to end itself. */
function saidWithoutShell(npm_lifecycle_script: string | undefined): Promise<string> {
  const env = { ...process.env, NODE: process.execPath, COMMAND: command, npm_lifecycle_script };
  const shell = spawn('sh', ['-c', line], { cwd: root, env });
  return saidBy(shell, () => shell.kill('SIGTERM'));
}

/** What it says when it is npm that is killed, and the shell is left. */
function saidWithoutNpm(): Promise<string> {
  const npm = `
    require('node:child_process').spawn('sh', ['-c', process.env.LINE], { stdio: 'inherit' });
    setInterval(() => undefined, 1_000);`;
  const env = {
    ...process.env,
    ...{ NODE: process.execPath, COMMAND: command, LINE: `${line} # ${script}` },
    npm_lifecycle_script: script,
  };
  const running = spawn(process.execPath, ['-e', npm], { cwd: root, env });
  return saidBy(running, () => running.kill('SIGKILL'));
}

const onUnix = process.platform === 'win32' ? test.skip : test;

onUnix('a command of npm stops in order when the shell that npm runs it in is gone', async () => {
  expect(await saidWithoutShell(script)).toBe('runs\nSIGTERM\n');
});

onUnix('a command of npm stops in order when npm was killed, though its shell waits on', async () => {
  expect(await saidWithoutNpm()).toBe('runs\nSIGTERM\n');
});

onUnix('a command that nobody reads any more stops in order', async () => {
  const speaking = `
    const { interruption } = require('./dev/interruption.ts');
    const speaking = setInterval(() => console.log('goes on'), 50);
    interruption((signal) => { console.log(signal); console.error(signal); clearInterval(speaking); });`;
  const running = spawn(process.execPath, ['--require', 'tsx/cjs', '-e', speaking], { cwd: root });
  let said = '';
  running.stderr.on('data', (part: Buffer) => (said += String(part)));
  running.stdout.once('data', () => running.stdout.destroy());
  await once(running, 'close');
  expect([said, running.exitCode]).toEqual(['SIGPIPE\n', 0]);
});

onUnix('what was not started by npm outlives its shell', async () => {
  expect(await saidWithoutShell(undefined)).toBe('runs\nwas left alone\n');
});
