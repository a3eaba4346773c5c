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
  console.log('Installing packages: the first time, or they have changed.');
  const said = setInterval(() => console.log(`Installing packages … ${seconds(began)}`), 10_000);
  const flags = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  let { code, output } = await npm(['ci', ...flags]);
  // A registry without some platform's optional package makes a lock that `npm ci` refuses on every platform.
  if (output.includes('EUSAGE')) ({ code, output } = await npm(['install', '--no-save', ...flags]));
  clearInterval(said);
  if (code !== 0)
    throw new Error(`Installing packages failed (npm ended with ${code}):\n${output.trimEnd()}`);
  console.log(`Packages installed (${seconds(began)}).`);
}

function npm(args) {
  const cli = process.env.npm_execpath;
  const isScript = cli !== undefined && /\.c?js$/.test(cli);
  const [command, first] = isScript ? [process.execPath, [cli]] : ['npm', []];
  return new Promise((resolve) => {
    const child = spawn(command, [...first, ...args], {
      cwd: root,
      // Without it npm leaves out what tests and the stack are run with.
      env: { ...process.env, NODE_ENV: 'development' },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32' && !isScript,
    });
    let output = '';
    // The beginning: npm names the cause first, and its usage last.
    const hear = (chunk) => (output = (output + chunk).slice(0, 3_000));
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', (error) => resolve({ code: 'an error', output: error.message }));
    child.once('close', (code, signal) => resolve({ code: code ?? signal, output }));
  });
}

const seconds = (began) => `${Math.round((Date.now() - began) / 1000)} s`;

/** The first thing of `npm start` and `npm test`. */
async function prepare() {
  const { error, warning } = checkNode();
  if (error) throw new Error(error);
  if (warning) console.log(warning);
  if (!isInstalled()) await install();
}

module.exports = { checkNode, isInstalled, prepare };
