import { createRequire } from 'node:module';
import path from 'node:path';
import { root, runNode, scratchTree, type ScratchTree } from './scratch-tree';

const config = path.join(root, '.dependency-cruiser.cjs');
const { forbidden } = createRequire(__filename)(config) as { forbidden: { name: string }[] };

const rooms = [
  'activities',
  'api',
  'config',
  'db',
  'dev',
  'domain',
  'integrations',
  'migrations',
  'security',
  'telemetry',
  'test',
  'workers',
];
const exportsOne = 'export const one = 1;';
const from = (target: string) => `import { one } from '${target}';\nexport const two = one;`;
const typeFrom = (target: string) => `import type { One } from '${target}';\nexport type Two = One;`;

/** For each rule a file that breaks it, and nothing but it. */
const violations: Record<string, { file: string; content: string }> = {
  'domain-imports': { file: 'domain/bad.ts', content: from('../config/one') },
  'domain-is-pure': { file: 'domain/impure.ts', content: from('node:fs') },
  'workflows-imports': { file: 'workflows/bad.ts', content: from('../db/one') },
  'workflows-see-activities-as-types': { file: 'workflows/runs.ts', content: from('../activities/one') },
  'workflows-use-no-libraries': { file: 'workflows/library.ts', content: from('pg') },
  'activities-imports': { file: 'activities/bad.ts', content: from('../workflows/story') },
  'integrations-imports': { file: 'integrations/bad.ts', content: from('../db/one') },
  'dev/new-channel/template/integrations-imports': {
    file: 'dev/new-channel/template/integrations/bad.ts',
    content: from('../../../../db/one'),
  },
  'db-imports': { file: 'db/bad.ts', content: from('../integrations/one') },
  'migrations-imports': { file: 'migrations/bad.ts', content: from('../domain/one') },
  'api-imports': { file: 'api/bad.ts', content: from('../activities/one') },
  'config-imports': { file: 'config/bad.ts', content: from('../domain/one') },
  'security-imports': { file: 'security/bad.ts', content: from('../db/one') },
  'telemetry-imports': { file: 'telemetry/bad.ts', content: from('../config/one') },
  'product-knows-nothing-of-dev-and-test': { file: 'workers/bad.ts', content: from('../dev/one') },
  'dev-knows-nothing-of-test': { file: 'dev/bad.ts', content: from('../test/one') },
  'product-runs-without-dev-dependencies': { file: 'workers/library.ts', content: from('fast-check') },
  'sandboxes-need-nothing-else-of-dev': {
    file: 'dev/sandboxes/parts/bad.ts',
    content: from('../../one'),
  },
  'no-unresolvable': { file: 'workers/lost.ts', content: from('./nowhere') },
  'no-cycles': { file: 'workers/cycle-a.ts', content: from('./cycle-b') },
  'floors-import-nothing-of-the-product': {
    file: 'test/bench/floors/bad.ts',
    content: from('../../../domain/one'),
  },
  'properties-are-drawn-from-one-seed': { file: 'test/properties.test.ts', content: from('fast-check') },
};

const allowed: Record<string, string> = {
  'workers/cycle-b.ts': "import { two } from './cycle-a';\nexport const one = two;",
  'workflows/story.ts': `${typeFrom('../activities/one')}\n${exportsOne}`,
  'workflows/contracts.ts': exportsOne,
  'workflows/timers.ts': from('@temporalio/workflow'),
  'workers/wires.ts': from('../activities/one'),
  'activities/asks.ts': from('../workflows/contracts'),
  'api/starts.ts': from('../workflows/contracts'),
  'api/receives.ts': from('../integrations/channels/kpay/webhook'),
  'integrations/channels/kpay/webhook.ts': exportsOne,
  'api/server.ts': from('../workers/one'),
  'test/tests.ts': from('../dev/one'),
  'dev/new-channel/template/test/tests.ts': from('../../../../test/one'),
};

interface Violation {
  from: string;
  rule: { name: string };
}

let tree: ScratchTree;
let found: Violation[];

beforeAll(async () => {
  tree = scratchTree({
    'package.json':
      '{ "dependencies": { "pg": "*", "@temporalio/workflow": "*" }, "devDependencies": { "fast-check": "*" } }',
    'tsconfig.json': '{ "compilerOptions": { "module": "CommonJS", "moduleResolution": "Bundler" } }',
    ...Object.fromEntries(rooms.map((room) => [`${room}/one.ts`, `${exportsOne}\nexport type One = 1;`])),
    ...Object.fromEntries(Object.values(violations).map(({ file, content }) => [file, content])),
    ...allowed,
  });
  const cruiser = 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs';
  const output = await runNode(cruiser, ['--config', config, '-T', 'json', '.'], tree.folder);
  found = (JSON.parse(output) as { summary: { violations: Violation[] } }).summary.violations;
});

afterAll(() => tree.remove());

test('every rule is shown to bite', () => {
  expect(Object.keys(violations).sort()).toEqual(forbidden.map((rule) => rule.name).sort());
});

test.each(Object.entries(violations))('%s', (rule, { file }) => {
  expect(
    found.filter((violation) => violation.from === file).map((violation) => violation.rule.name),
  ).toEqual([rule]);
});

test('what the map allows passes', () => {
  const inCycle = 'workers/cycle-b.ts';
  const wronged = found
    .map((violation) => violation.from)
    .filter((file) => file in allowed && file !== inCycle);
  expect(wronged).toEqual([]);
});
