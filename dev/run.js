/**
 * `node dev/run.js <file> [arguments]`: makes sure that Node and the packages are there, then runs a file of this
 * repository as `tsx` would. Every command of package.json begins here, so none needs another one to have run before.
 */
const { resolve } = require('node:path');
const { prepare } = require('./installed');

prepare().then(
  () => {
    const [node, , file, ...given] = process.argv;
    process.argv = [node, resolve(file), ...given];
    require('tsx/cjs');
    // As the main module: some of these files are imported too, and run only when they are called.
    require('node:module')._load(process.argv[1], null, true);
  },
  (error) => {
    console.error(error.message);
    process.exitCode = error.exitCode ?? 1;
  },
);
