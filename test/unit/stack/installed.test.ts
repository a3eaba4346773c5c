import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const { checkNode, isInstalled } = jest.requireActual<{
  checkNode: (version: string) => { error?: string; warning?: string };
  isInstalled: (folder: string) => boolean;
}>('../../../dev/installed');

describe('before anything is installed', () => {
  it('refuses a Node that is too old, in one line', () => {
    for (const version of ['18.20.0', '20.18.3']) {
      expect(checkNode(version).error).toMatch(/^Durapay needs Node 20\.19 or later, this is .*nodejs\.org$/);
    }
  });

  it('warns below 22 and is silent from there on', () => {
    expect(checkNode('20.19.0')).toEqual({
      warning: expect.stringContaining('use Node 22 or later') as string,
    });
    expect(checkNode('22.0.0')).toEqual({});
    expect(checkNode('24.21.0')).toEqual({});
  });
});

describe('whether the packages are installed', () => {
  let folder: string;
  const wanted = {
    '': { version: '0.1.0' },
    'node_modules/pg': { version: '8.0.0' },
    'node_modules/for-a-mac': { version: '1.0.0', optional: true },
  };
  const lock = (packages: object) => JSON.stringify({ packages });

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'durapay-installed-'));
    mkdirSync(path.join(folder, 'node_modules'));
    writeFileSync(path.join(folder, 'package-lock.json'), lock(wanted));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const installed = (packages: object) =>
    writeFileSync(path.join(folder, 'node_modules', '.package-lock.json'), lock(packages));

  it('is no when npm has never finished', () => expect(isInstalled(folder)).toBe(false));

  it('is yes when all is there that this platform can have', () => {
    installed({ 'node_modules/pg': { version: '8.0.0' } });
    expect(isInstalled(folder)).toBe(true);
  });

  it('is no when a package is missing or another version', () => {
    installed({});
    expect(isInstalled(folder)).toBe(false);
    installed({ 'node_modules/pg': { version: '7.9.9' } });
    expect(isInstalled(folder)).toBe(false);
    installed({ 'node_modules/pg': { version: '8.0.0' }, 'node_modules/for-a-mac': { version: '0.9.0' } });
    expect(isInstalled(folder)).toBe(false);
  });
});

it('refuses a folder that no file can be loaded from, before anything is installed there', () => {
  const place = mkdtempSync(path.join(tmpdir(), 'durapay-place-'));
  const installer = path.join(place, 'what?', 'dev', 'installed.js');
  mkdirSync(path.dirname(installer), { recursive: true });
  copyFileSync(path.join(__dirname, '../../../dev/installed.js'), installer);
  const prepare = `require(${JSON.stringify(installer)}).prepare().catch((error) => console.error(error.message))`;
  const env = { ...process.env, npm_execpath: path.join(place, 'none.js') };
  const { stderr } = spawnSync(process.execPath, ['-e', prepare], { env, encoding: 'utf8' });
  rmSync(place, { recursive: true });
  expect(stderr).toBe(
    `Durapay does not run in a folder with "?" in its name: rename ${path.join(place, 'what?')}, and start again.\n`,
  );
});

it('who stops an install stops npm and what npm started, and is told how it goes on', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'durapay-install-'));
  try {
    mkdirSync(path.join(folder, 'dev'));
    const installer = path.join(folder, 'dev', 'installed.js');
    copyFileSync(path.join(__dirname, '../../../dev/installed.js'), installer);
    // Like npm, it doesn't end because the terminal says so, nor does the script that it runs.
    const sleeper = 'process.on("SIGINT", () => {}); setInterval(() => {}, 1000);';
    const npm = path.join(folder, 'npm.js');
    writeFileSync(
      npm,
      `const { spawn } = require('node:child_process');
       const script = spawn(process.execPath, ['-e', ${JSON.stringify(sleeper)}], { stdio: 'inherit' });
       require('node:fs').writeFileSync('pids', [process.pid, script.pid].join(' '));
       ${sleeper}`,
    );
    const run = `require(${JSON.stringify(installer)}).prepare().catch((error) => {
      console.error(error.message);
      process.exitCode = error.exitCode ?? 1;
    })`;
    const child = spawn(process.execPath, ['-e', run], { env: { ...process.env, npm_execpath: npm } });
    let said = '';
    child.stderr.on('data', (part: Buffer) => (said += String(part)));
    const pids = path.join(folder, 'pids');
    while (!existsSync(pids) || readFileSync(pids, 'utf8') === '') await sleep(20);
    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(130);
    expect(said).toContain('Stopping …');
    expect(said).toContain('Stopped. The next start installs the rest.');
    for (const pid of readFileSync(pids, 'utf8').split(' ')) {
      while (isRunning(Number(pid))) await sleep(20);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it('who installs without a network is told what is waited for, and what to do', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'durapay-offline-'));
  try {
    mkdirSync(path.join(folder, 'dev'));
    const installer = path.join(folder, 'dev', 'installed.js');
    const source = readFileSync(path.join(__dirname, '../../../dev/installed.js'), 'utf8');
    writeFileSync(installer, source.replace('waitsSilentlyMs = 5_000', 'waitsSilentlyMs = 50'));
    const npm = path.join(folder, 'npm.js');
    const failing = `console.error('npm error code ENOTFOUND'); process.exitCode = 1;`;
    writeFileSync(npm, `setTimeout(() => { ${failing} }, 500);`);
    const run = `require(${JSON.stringify(installer)}).prepare().catch((error) => console.error(error.message))`;
    const env = { ...process.env, npm_execpath: npm, npm_config_registry: 'https://packages.test/' };
    const child = spawn(process.execPath, ['-e', run], { env });
    let said = '';
    child.stderr.on('data', (part: Buffer) => (said += String(part)));
    await once(child, 'close');
    // What comes before is about the installation as such, and about Node.
    expect(said.trimEnd().split('\n').slice(-4)).toEqual([
      'Waiting for packages from https://packages.test/; npm gives up after some minutes without them.',
      'Installing packages failed (npm ended with 1):',
      'npm error code ENOTFOUND',
      expect.stringMatching(/^https:\/\/packages\.test\/ can not be reached: look at .* and start again\./),
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
