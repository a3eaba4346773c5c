import path from 'node:path';
import { root, runNode, scratchTree, type ScratchTree } from './scratch-tree';

const money = 'domain/money';

/** A line each, and the rule that must refuse it. */
const refused: Record<string, { file: string; content: string; rule: string }> = {
  'parseFloat on an amount': {
    file: `${money}/parse.ts`,
    content: "export const rate = parseFloat('1.5');",
    rule: 'no-restricted-globals',
  },
  'Number.parseFloat on an amount': {
    file: `${money}/parse-too.ts`,
    content: "export const rate = Number.parseFloat('1.5');",
    rule: 'no-restricted-properties',
  },
  'toFixed to show an amount': {
    file: 'api/show.ts',
    content: 'export const shown = (1.5).toFixed(2);',
    rule: 'no-restricted-properties',
  },
  'a field that holds an amount as a number': {
    file: `${money}/field.ts`,
    content: 'export interface Charge { feeAmount: number }',
    rule: 'no-restricted-syntax',
  },
  'a parameter that takes an amount as a number': {
    file: 'integrations/parameter.ts',
    content: 'export function charge(amount: number): boolean { return amount > 0; }',
    rule: 'no-restricted-syntax',
  },
  'Number() of an amount': {
    file: 'db/convert.ts',
    content: 'export const read = (row: { amountMinor: string }): unknown => Number(row.amountMinor);',
    rule: 'no-restricted-syntax',
  },
  'rounding an amount with Math': {
    file: 'activities/round.ts',
    content: 'export const rounded = (row: { balance: never }): unknown => Math.round(row.balance);',
    rule: 'no-restricted-syntax',
  },
  'plus before an amount': {
    file: 'workflows/plus.ts',
    content: 'export const read = (amount: string): unknown => +amount;',
    rule: 'no-restricted-syntax',
  },
  'activities whose loss is noticed late': {
    file: 'workflows/silent.ts',
    content:
      "import { proxyActivities } from '@temporalio/workflow';\n" +
      "export const { charge } = proxyActivities<Record<'charge', () => Promise<void>>>({ startToCloseTimeout: '45s' });",
    rule: 'no-restricted-syntax',
  },
  'a promise nobody waits for': {
    file: 'activities/floating.ts',
    content: 'export function fire(): void { Promise.resolve(1); }',
    rule: '@typescript-eslint/no-floating-promises',
  },
  'a forgotten case': {
    file: 'domain/forgotten.ts',
    content:
      "export function sign(side: 'debit' | 'credit'): void { switch (side) { case 'debit': break; } }",
    rule: '@typescript-eslint/switch-exhaustiveness-check',
  },
  'printing from the product': {
    file: 'workers/prints.ts',
    content: "console.log('started');",
    rule: 'no-console',
  },
  any: {
    file: 'db/any.ts',
    content: 'export function read(row: any): string { return String(row); }',
    rule: '@typescript-eslint/no-explicit-any',
  },
};

const allowed: Record<string, string> = {
  'domain/money/add.ts':
    'export const add = (amount: bigint, feeAmount: bigint): bigint => amount + feeAmount;',
  'domain/count.ts': 'export const half = (count: number): number => Math.round(Number(count) / 2);',
  'dev/prints.ts': "console.log('started');",
};

interface FileReport {
  filePath: string;
  messages: { ruleId: string | null; message: string }[];
}

let tree: ScratchTree;
let reports: Map<string, FileReport['messages']>;

beforeAll(async () => {
  // The project's own configuration, told only where the scratch tree stands.
  tree = scratchTree({
    'eslint.config.js': `
      const configs = require(${JSON.stringify(path.join(root, 'eslint.config.js'))});
      const typed = { projectService: true, tsconfigRootDir: __dirname };
      module.exports = [...configs, { files: ['**/*.ts'], languageOptions: { parserOptions: typed } }];`,
    'tsconfig.json':
      '{ "compilerOptions": { "strict": true, "types": ["node"], "lib": ["ES2023"] }, "include": ["**/*.ts"] }',
    ...Object.fromEntries(Object.values(refused).map(({ file, content }) => [file, content])),
    ...allowed,
  });
  const output = await runNode('node_modules/eslint/bin/eslint.js', ['--format', 'json', '.'], tree.folder);
  const files = JSON.parse(output) as FileReport[];
  reports = new Map(files.map((file) => [path.relative(tree.folder, file.filePath), file.messages]));
});

afterAll(() => tree.remove());

test.each(Object.entries(refused))('%s is refused', (_, { file, rule }) => {
  expect(reports.get(file)?.map((message) => message.ruleId)).toEqual([rule]);
});

test.each(Object.keys(allowed))('%s passes', (file) => {
  expect(reports.get(file)).toEqual([]);
});
