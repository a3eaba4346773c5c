const { projects, ...shared } = require('./jest.config.js');

const external = (displayName, services, file) => ({
  ...services,
  displayName,
  testMatch: [`<rootDir>/test/external/${file}.test.ts`],
});
const [alone, withServers] = projects;

/** Against real counterparts that have to be built or reached first: `npm run test:external`. */
module.exports = {
  ...shared,
  projects: [
    external('stripe-mock', alone, 'stripe-mock'),
    external('schemathesis', withServers, 'schemathesis'),
  ],
};
