/** `npm test`: makes sure that Node and the packages are there, then hands over to dev/check/index.ts. */
const { prepare } = require('./installed');

prepare().then(
  () => {
    require('tsx/cjs');
    require('./check/index.ts');
  },
  (error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
