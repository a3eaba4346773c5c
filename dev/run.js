/**
 * `node dev/run.js <file> [arguments]`: makes sure that Node and the packages are there, then runs a file of this
 * repository as `tsx` would. Every command of package.json begins here, so none needs another one to have run before.
 * `--help` is answered here for all of them.
 */
const { resolve } = require('node:path');
const { scripts } = require('../package.json');
const { prepare } = require('./installed');
const usages = require('./usages.json');

const [node, , file, ...given] = process.argv;

function helpWanted() {
  if (!given.includes('--help') && !given.includes('-h')) return undefined;
  const command = Object.keys(scripts).find((name) => scripts[name] === `node dev/run.js ${file}`);
  return usages[command]?.join('\n  ');
}

function run() {
  process.argv = [node, resolve(file), ...given];
  require('tsx/cjs');
  // As the main module: some of these files are imported too, and run only when they are called.
  require('node:module')._load(process.argv[1], null, true);
}

const help = helpWanted();
if (help !== undefined) console.log(`Usage: ${help}`);
else
  prepare().then(run, (error) => {
    console.error(error.message);
    process.exitCode = error.exitCode ?? 1;
  });
