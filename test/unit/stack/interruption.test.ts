import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const root = path.join(__dirname, '..', '..', '..');
const command = `
  const { interruption } = require('./dev/interruption.ts');
  const alive = setInterval(() => undefined, 1_000);
  interruption((signal) => { console.log(signal); clearInterval(alive); });
  console.log('runs');
  setTimeout(() => { console.log('was left alone'); process.exit(); }, 4_000).unref();`;

/** What a command says whose shell is killed, as npm kills it when it is told to end itself. */
async function saidWithoutShell(npm_lifecycle_script: string | undefined): Promise<string> {
  // The second command keeps the shell from becoming the first.
  const line = '"$NODE" --require tsx/cjs -e "$COMMAND"; true';
  const env = { ...process.env, NODE: process.execPath, COMMAND: command, npm_lifecycle_script };
  const shell = spawn('sh', ['-c', line], { cwd: root, env });
  let said = '';
  shell.stdout.on('data', (part: Buffer) => {
    said += String(part);
    if (String(part).includes('runs')) shell.kill('SIGTERM');
  });
  await once(shell, 'close');
  return said;
}

const onUnix = process.platform === 'win32' ? test.skip : test;

onUnix('a command of npm stops in order when the shell that npm runs it in is gone', async () => {
  expect(await saidWithoutShell('node dev/run.js dev/start/index.ts')).toBe('runs\nSIGTERM\n');
});

onUnix('what was not started by npm outlives its shell', async () => {
  expect(await saidWithoutShell(undefined)).toBe('runs\nwas left alone\n');
});
