/**
 * `node dev/run.js <file> [arguments]`: makes sure that Node and the packages are there, then runs a file of this
 * repository as `tsx` would. Every command of package.json begins here, so none needs another one to have run before.
 * `--help` is answered here for all of them, and what a command is given that takes nothing: those of the product know no
 * `dev/`.
 */
const { parseArgs } = require('node:util');
const { resolve } = require('node:path');
const { scripts } = require('../package.json');
const { prepare } = require('./installed');
const { reachThisMachineDirectly } = require('./this-machine');
const usages = require('./usages.json');

const [node, , file, ...given] = process.argv;

const command = Object.keys(scripts).find((name) => scripts[name] === `node dev/run.js ${file}`);
const usage = usages[command];

function helpWanted() {
  if (!given.includes('--help') && !given.includes('-h')) return undefined;
  return usage?.join('\n  ');
}

/** npm has options of these names, so that somebody's settings may say something of them. */
const ownOfNpm = ['json', 'key', 'only'];

/** Without `--` npm keeps an option to itself and tells it by the environment alone: something else would be done than asked. */
function keptByNpm() {
  if (process.env.npm_lifecycle_event !== command || usage === undefined) return undefined;
  const options = Array.from(usage[0].matchAll(/--([a-z]+)/g), ([, name]) => name);
  const kept = options.find(
    (name) => !ownOfNpm.includes(name) && process.env[`npm_config_${name}`] !== undefined,
  );
  return kept && `npm has kept --${kept} to itself: options stand behind "--".\nUsage: ${usage[0]}`;
}

/** npm hands over what stands behind `--`: where the usage has none, nothing is taken. */
function notTaken() {
  if (usage === undefined || usage[0].includes('-- ')) return undefined;
  try {
    parseArgs({ args: given });
    return undefined;
  } catch (error) {
    return `${error.message}\nUsage: ${usage[0]}`;
  }
}

function run() {
  reachThisMachineDirectly(process.env);
  process.argv = [node, resolve(file), ...given];
  require('tsx/cjs');
  // As the main module: some of these files are imported too, and run only when they are called.
  require('node:module')._load(process.argv[1], null, true);
}

const help = helpWanted();
const problem = keptByNpm() ?? notTaken();
if (help !== undefined) console.log(`Usage: ${help}`);
else if (problem !== undefined) {
  console.error(problem);
  process.exitCode = 1;
} else
  prepare().then(run, (error) => {
    console.error(error.message);
    process.exitCode = error.exitCode ?? 1;
  });
