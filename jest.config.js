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
  testTimeout: 30_000,
  // Two more than the cores that are asked for: most tests wait for somebody (322 s with four, 429 s with three).
  maxWorkers: process.env.JEST_WORKERS ?? 4,
  projects: [
    project('unit', ['unit']),
    {
      ...project('services', ['workflows', 'integration', 'e2e']),
      globalSetup: '<rootDir>/test/support/servers-up.ts',
      globalTeardown: '<rootDir>/test/support/servers-down.ts',
    },
  ],
};
