const tseslint = require('typescript-eslint');

const product = ['domain', 'workflows', 'activities', 'integrations', 'db', 'api', 'workers'];

const amountName = '/^(amount|balance|fee|minor)$|(Amount|Balance|Fee|Minor)$/';
const isAmount = (node) => `:matches([${node}.name=${amountName}], [${node}.property.name=${amountName}])`;
const amountsAsNumbers = [
  {
    selector: `:matches(Identifier[name=${amountName}], [key.name=${amountName}]) > TSTypeAnnotation > TSNumberKeyword`,
    message: 'An amount is a bigint, or a decimal string where it leaves the process.',
  },
  {
    selector: `CallExpression[callee.name='Number']${isAmount('arguments.0')}`,
    message: 'An amount does not fit a number: stay with bigint.',
  },
  {
    selector: `CallExpression[callee.object.name='Math']${isAmount('arguments.0')}`,
    message: 'Math works on floating point: use the named rounding of domain/money.',
  },
  {
    selector: `UnaryExpression[operator='+']${isAmount('argument')}`,
    message: 'An amount does not fit a number: stay with bigint.',
  },
];

module.exports = tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.durapay/', 'coverage/', 'test/load/payments.js'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: __dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/require-await': 'off',
      // Services are factories over plain functions: there is no `this` to lose.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
    },
  },
  {
    // Money is bigint: the floating-point ways in are closed wherever amounts pass.
    files: [...product, 'dev/new-channel/template/integrations'].map((room) => `${room}/**/*.ts`),
    rules: {
      'no-restricted-globals': ['error', { name: 'parseFloat', message: 'Amounts are bigint.' }],
      'no-restricted-properties': [
        'error',
        { object: 'Number', property: 'parseFloat', message: 'Amounts are bigint.' },
        { property: 'toFixed', message: 'Amounts are bigint; format them with domain/money.' },
      ],
      'no-restricted-syntax': ['error', ...amountsAsNumbers],
    },
  },
  {
    // All workflows of a worker share these modules: what a workflow remembers belongs into its function.
    files: ['workflows/**/*.ts', 'domain/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...amountsAsNumbers,
        {
          selector: ':matches(Program, ExportNamedDeclaration) > VariableDeclaration[kind=/^(let|var)$/]',
          message: 'Every workflow of the worker would see it: keep state inside a function.',
        },
        {
          selector:
            ':matches(Program, ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator > NewExpression[callee.name=/^(Weak)?(Map|Set)$/]:not([arguments.0])',
          message:
            'An empty collection at module level is state, and every workflow of the worker would see it.',
        },
        {
          selector:
            "CallExpression[callee.name='proxyActivities']:not(:has(Property[key.name='heartbeatTimeout']))",
          message:
            'Without heartbeatTimeout what a killed process was doing is taken up only after startToCloseTimeout.',
        },
      ],
    },
  },
  {
    // People read these in a terminal: they print.
    files: [
      'dev/**/*.{ts,js}',
      'test/**/*.ts',
      'db/migrate.ts',
      'db/operator-key.ts',
      'db/run-command.ts',
      'workers/build-bundle.ts',
      'api/openapi/write.ts',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.{js,cjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
