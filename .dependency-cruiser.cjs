/** Imports point one way: docs/architecture.md says why for each room. */
const rooms =
  'api|workflows|activities|workers|domain|integrations|db|migrations|dev|test|config|security|telemetry';

/** What comes from a registry, whichever list of package.json it stands in. */
const packages = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'];

/** `from` may import only the named rooms (and itself) among the project's own. */
const only = (from, allowed, exceptions) => ({
  name: `${from}-imports`,
  severity: 'error',
  from: { path: `^${from}/`, ...(exceptions ? { pathNot: exceptions } : {}) },
  to: { path: `^(${rooms})/`, pathNot: `^(${[from, ...allowed].join('|')})(/|\\.ts$)` },
});

module.exports = {
  forbidden: [
    only('domain', []),
    {
      name: 'domain-is-pure',
      severity: 'error',
      from: { path: '^domain/' },
      to: { dependencyTypes: [...packages, 'core'] },
    },
    only('workflows', ['domain', 'activities']),
    {
      name: 'workflows-see-activities-as-types',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^activities/', dependencyTypesNot: ['type-only'] },
    },
    {
      // Workflow code is replayed: a library may hide a clock, a random number or a socket.
      name: 'workflows-use-no-libraries',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        dependencyTypes: [...packages, 'core'],
        dependencyTypesNot: ['type-only'],
        pathNot: '@temporalio/(workflow|common)(/|$)',
      },
    },
    only('activities', ['domain', 'db', 'integrations', 'security', 'telemetry', 'workflows/contracts']),
    only('integrations', ['domain', 'security', 'telemetry', 'config/plain-words']),
    // What a new channel is made from keeps the rules of where it will lie.
    only('dev/new-channel/template/integrations', ['integrations', 'domain', 'security', 'telemetry']),
    only('db', ['domain', 'security', 'config', 'migrations']),
    only('migrations', []),
    only(
      'api',
      [
        'domain',
        'db',
        'security',
        'telemetry',
        'config',
        'workflows/contracts',
        'integrations/[^/]+/[^/]+/webhook',
        'integrations/registry',
        'integrations/channels/payment-provider',
        'integrations/messaging/messaging-provider',
        'integrations/call-outcome',
        'integrations/services/service-adapter',
        'integrations/services/adapters',
      ],
      '^api/server\\.ts$',
    ),
    only('config', []),
    only('security', ['domain']),
    only('telemetry', []),
    {
      name: 'product-knows-nothing-of-dev-and-test',
      severity: 'error',
      from: { pathNot: '^(dev|test)/' },
      to: { path: '^(dev|test)/' },
    },
    {
      name: 'dev-knows-nothing-of-test',
      severity: 'error',
      from: { path: '^dev/', pathNot: '^dev/new-channel/template/test/' },
      to: { path: '^test/' },
    },
    {
      name: 'product-runs-without-dev-dependencies',
      severity: 'error',
      from: { pathNot: '^(dev|test)/|^[^/]+$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'sandboxes-need-nothing-else-of-dev',
      comment:
        'dev/stack/compiled.ts compiles them, and nothing else of dev, for the processes of the stack.',
      severity: 'error',
      from: { path: '^dev/sandboxes/' },
      to: { path: '^dev/', pathNot: '^dev/sandboxes/' },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'floors-import-nothing-of-the-product',
      severity: 'error',
      from: { path: '^test/bench/floors/' },
      to: { path: `^(${rooms})/`, pathNot: '^test/bench/floors/' },
    },
    {
      name: 'properties-are-drawn-from-one-seed',
      comment: 'test/support/properties.ts gives fast-check its seed: tests import it from there.',
      severity: 'error',
      from: { path: '^(test|dev/new-channel/template/test)/', pathNot: '^test/support/properties\\.ts$' },
      to: { path: '(^|/)fast-check' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|\\.durapay)/|^test/load/payments' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['require', 'import', 'node', 'default', 'types'],
    },
  },
};
