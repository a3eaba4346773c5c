const { projects, ...shared } = require('./jest.config.js');

/** Against real counterparts that have to be built or reached first: `npm run test:external`. */
module.exports = {
  ...shared,
  projects: [
    { ...projects[0], displayName: 'external', testMatch: ['<rootDir>/test/external/**/*.test.ts'] },
  ],
};
