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
const usages = require('./usages.json');

const [node, , file, ...given] = process.argv;

const usage = usages[Object.keys(scripts).find((name) => scripts[name] === `node dev/run.js ${file}`)];

function helpWanted() {
  if (!given.includes('--help') && !given.includes('-h')) return undefined;
  return usage?.join('\n  ');
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
  process.argv = [node, resolve(file), ...given];
  require('tsx/cjs');
  // As the main module: some of these files are imported too, and run only when they are called.
  require('node:module')._load(process.argv[1], null, true);
}

const help = helpWanted();
const problem = notTaken();
if (help !== undefined) console.log(`Usage: ${help}`);
else if (problem !== undefined) {
  console.error(problem);
  process.exitCode = 1;
} else
  prepare().then(run, (error) => {
    console.error(error.message);
    process.exitCode = error.exitCode ?? 1;
  });
