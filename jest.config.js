const { totalmem } = require('node:os');

/**
 * Two projects: unit tests need nothing and start at once; all others share one PostgreSQL and one Temporal server,
 * which `servers.ts` starts only when a test of theirs is run.
 */
const project = (displayName, folders) => ({
  displayName,
  rootDir: __dirname,
  testEnvironment: 'node',
  testMatch: folders.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.durapay/'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
});

module.exports = {
  // What waits here has a bound of its own and names what it waited for: this one is for what hangs.
  testTimeout: 120_000,
  // More than the two cores that are asked for, as most tests wait for somebody (286 s with six, 356 s with four), and
  // no more than memory has room for: what a test leaves behind makes a worker grow until it is replaced.
  maxWorkers: process.env.JEST_WORKERS ?? Math.max(2, Math.min(6, Math.floor(totalmem() / 2 ** 31))),
  workerIdleMemoryLimit: '1GB',
  projects: [
    project('unit', ['unit']),
    {
      ...project('services', ['workflows', 'integration', 'e2e']),
      globalSetup: '<rootDir>/test/support/servers-up.ts',
      globalTeardown: '<rootDir>/test/support/servers-down.ts',
    },
  ],
};
