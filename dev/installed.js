/**
 * Plain JavaScript without dependencies: this runs before anything is installed.
 * Checks Node's version, and installs the packages when what is there is not what package-lock.json says.
 */
const { spawn } = require('node:child_process');
const { readFileSync } = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const NODE_MIN = [20, 19];
const NODE_SUPPORTED_MAJOR = 22;
/** npm leaves a folder in order when it is asked to go; one that doesn't go is made to. */
const endsWithinMs = 5_000;
/** After this it says what it waits for. */
const waitsSilentlyMs = 5_000;
const unreachable =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|FETCH_ERROR)\b/;

function checkNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1]))
    return {
      error: `Durapay needs Node ${NODE_MIN.join('.')} or later, this is ${version}: install it from https://nodejs.org`,
    };
  if (major < NODE_SUPPORTED_MAJOR)
    return {
      warning: `Node ${version} gets no security fixes any more: it works, but use Node ${NODE_SUPPORTED_MAJOR} or later.`,
    };
  return {};
}

/** npm writes down what it installed: compared package by package, so that a half-finished install is seen too. */
function isInstalled(folder = root) {
  const wanted = readLock(path.join(folder, 'package-lock.json'));
  const present = readLock(path.join(folder, 'node_modules', '.package-lock.json'));
  if (!wanted || !present) return false;
  return Object.entries(wanted.packages).every(([place, { version, optional, link }]) => {
    if (place === '' || link) return true;
    const installed = present.packages[place];
    return installed ? installed.version === version : optional === true;
  });
}

function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

async function install() {
  const began = Date.now();
  console.error('Installing packages: the first time, or they have changed.');
  const waiting = setTimeout(
    () =>
      console.error(`Waiting for packages from ${registry()}; npm gives up after some minutes without them.`),
    waitsSilentlyMs,
  );
  const said = setInterval(() => console.error(`Installing packages … ${seconds(began)}`), 10_000);
  const flags = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  let { code, output, stoppedBy } = await npm(['ci', ...flags]);
  // A registry without some platform's optional package makes a lock that `npm ci` refuses on every platform.
  if (output.includes('EUSAGE') && !stoppedBy)
    ({ code, output, stoppedBy } = await npm(['install', '--no-save', ...flags]));
  clearTimeout(waiting);
  clearInterval(said);
  if (stoppedBy)
    throw Object.assign(new Error('Stopped. The next start installs the rest.'), { exitCode: 130 });
  if (code !== 0) {
    throw new Error(
      [`Installing packages failed (npm ended with ${code}):`, output.trimEnd(), ...wayOut(output)].join(
        '\n',
      ),
    );
  }
  console.error(`Packages installed (${seconds(began)}).`);
}

/** npm tells scripts which it was set to; without npm it is the usual one, or that of a .npmrc. */
function registry() {
  return process.env.npm_config_registry ?? 'the registry of npm';
}

function wayOut(output) {
  if (output.includes('ENOTEMPTY'))
    return [
      'Something else changes node_modules: if another install runs in this folder, wait for its end and start again.',
    ];
  if (unreachable.test(output))
    return [
      `${registry()} can not be reached: look at the network and at HTTPS_PROXY, or name a registry that can be ` +
        '(npm config set registry <address>), and start again. What has been downloaded is kept.',
    ];
  return [];
}

function npm(args) {
  const cli = process.env.npm_execpath;
  const isScript = cli !== undefined && /\.c?js$/.test(cli);
  const [command, first] = isScript ? [process.execPath, [cli]] : ['npm', []];
  const isWindows = process.platform === 'win32';
  return new Promise((resolve) => {
    const child = spawn(command, [...first, ...args], {
      cwd: root,
      // Without it npm leaves out what tests and the stack are run with.
      env: { ...process.env, NODE_ENV: 'development' },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: isWindows && !isScript,
      // A group of its own, with the install scripts that it starts: so all of it can be ended.
      detached: !isWindows,
    });
    const letGo = stopOnSignal(child, isWindows);
    let output = '';
    // The beginning: npm names the cause first, and its usage last.
    const hear = (chunk) => (output = (output + chunk).slice(0, 3_000));
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', (error) => resolve({ code: 'an error', output: error.message }));
    child.once('close', (code, signal) => resolve({ code: code ?? signal, output, stoppedBy: letGo() }));
  });
}

/** What npm has begun must not go on behind the back of who stopped it: the next start would meet it in the same folder. */
function stopOnSignal(child, isWindows) {
  let stoppedBy;
  let hurry;
  const end = (signal) => {
    try {
      process.kill(isWindows ? child.pid : -child.pid, signal);
    } catch {
      // It has ended by itself.
    }
  };
  const listeners = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => {
    const stop = () => {
      if (stoppedBy !== undefined) return;
      stoppedBy = name;
      console.error('\nStopping …');
      end('SIGTERM');
      hurry = setTimeout(() => end('SIGKILL'), endsWithinMs);
    };
    process.on(name, stop);
    return [name, stop];
  });
  return () => {
    clearTimeout(hurry);
    for (const [name, stop] of listeners) process.off(name, stop);
    return stoppedBy;
  };
}

const seconds = (began) => `${Math.round((Date.now() - began) / 1000)} s`;

/** The first thing of every command. */
async function prepare() {
  const { error, warning } = checkNode();
  if (error) throw new Error(error);
  // What loads TypeScript takes it for the end of a file's name.
  if (root.includes('?'))
    throw new Error(
      `Durapay does not run in a folder with "?" in its name: rename ${root}, and start again.`,
    );
  if (warning && ['start', 'test'].includes(process.env.npm_lifecycle_event)) console.error(warning);
  if (!isInstalled()) await install();
}

module.exports = { checkNode, isInstalled, prepare };
