import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A compiler and a second jest run here: seconds on a machine of its own, a minute on a crowded one. */
const patienceMs = 150_000;
jest.setTimeout(patienceMs);

const root = path.join(__dirname, '..', '..', '..');

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** A copy of the checkout: the generator changes the one it stands in. */
let folder: string;
let generated: Ran;

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'durapay-new-channel-')));
  const rooms = readdirSync(root).filter((name) => !/^(\.|node_modules$|dist$|coverage$)/.test(name));
  for (const name of [...rooms, '.prettierrc.json']) {
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'dir');
  generated = await generate('paynow', 'PayNow');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const generate = (...names: string[]) =>
  run(['--require', require.resolve('tsx/cjs'), 'dev/new-channel/index.ts', ...names]);

function run(args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { cwd: folder, timeout: patienceMs, maxBuffer: 64 * 1_024 * 1_024 };
    execFile(process.execPath, args, options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

/** What it says it has written or changed. */
const files = () => [...generated.stdout.matchAll(/^ {2}(\S+\.(?:ts|md))$/gm)].map(([, file]) => file!);
const read = (file: string) => readFileSync(path.join(folder, file), 'utf8');

function write(file: string, content: string): string {
  writeFileSync(path.join(folder, file), content);
  return file;
}

interface JestReport {
  numRuntimeErrorTestSuites: number;
  testResults: {
    name: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
}

describe('a channel made by the generator', () => {
  it('has its name everywhere and the word of the template nowhere', () => {
    expect(generated).toMatchObject({ code: 0, stderr: '' });
    expect(files().length).toBeGreaterThan(20);
    for (const file of files()) expect([file, read(file)].join('\n')).not.toMatch(/new-?channel/i);
    expect(read('integrations/registry.ts')).toMatch(/createPaynow\(deps\)[^]*paynowWebhook\]/);
    expect(read('test/integration/channels/webhook-door.test.ts')).toContain(
      "  ['paynow', () => startPaynowHarness()],",
    );
  });

  it('compiles, and fails its tests by what is not written yet', async () => {
    const config = write(
      'tsconfig.new-channel.json',
      JSON.stringify({
        extends: './tsconfig.json',
        compilerOptions: { incremental: false, tsBuildInfoFile: null, noEmit: true },
        include: [],
        // Without the door's test, which would bring half of the product along.
        files: files().filter((file) => file.endsWith('.ts') && !file.includes('webhook-door')),
      }),
    );
    const jestConfig = write(
      'jest.new-channel.config.js',
      `const [unit] = require('./jest.config.js').projects;
       const testMatch = ['<rootDir>/test/**/paynow{.test.ts,/*.test.ts}'];
       module.exports = { ...unit, testMatch, cacheDirectory: '<rootDir>/.jest' };`,
    );
    const [compiled, tested] = await Promise.all([
      run(['node_modules/typescript/bin/tsc', '-p', config]),
      run(['node_modules/jest/bin/jest.js', '--config', jestConfig, '--json', '-i']),
    ]);
    expect(compiled).toEqual({ code: 0, stdout: '', stderr: '' });

    const report = JSON.parse(tested.stdout) as JestReport;
    expect(report.numRuntimeErrorTestSuites).toBe(0);
    const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
    const failures = results
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => `${fullName}\n${failureMessages.join('\n')}`);
    // An answer that was not the expected one, and never an accident on the way to it.
    for (const failure of failures) expect(failure).toMatch(/not written yet|expect\(received\)/);
    for (const file of ['requests.ts', 'transformers.ts', 'refunds.ts', 'webhook.test.ts']) {
      expect(failures).toContainEqual(expect.stringMatching(`not written yet: .*paynow/${file}`));
    }
    // Nothing about money may come right by itself.
    const promises = results.filter(({ fullName }) =>
      / contract (a charge|cancelling|a refund|a webhook) /.test(fullName),
    );
    expect(promises.length).toBeGreaterThan(25);
    expect(promises.filter(({ status }) => status !== 'failed')).toEqual([]);
  });

  it('is not made over another one, nor over anything else', async () => {
    const before = files().map(read);
    const attempts = await Promise.all([generate('paynow'), generate('parts')]);
    expect(attempts.map(({ code, stdout, stderr }) => [code, stdout, stderr.split('\n')[0]])).toEqual([
      [1, '', expect.stringContaining('"paynow" is taken: there is docs/channels/paynow.md')],
      [1, '', expect.stringContaining('"parts" is taken: there is dev/sandboxes/parts already')],
    ]);
    expect(files().map(read)).toEqual(before);
  });

  it('has room for the next one beside it', async () => {
    expect(await generate('tealpay')).toMatchObject({ code: 0, stderr: '' });
    const registry = read('integrations/registry.ts');
    expect(registry).toMatch(/createPaynow\(deps\),\s+createTealpay\(deps\),?\s*\]\)/);
    expect(registry).toMatch(/paynowWebhook,\s+tealpayWebhook,?\s*\]\)/);
    expect(read('test/integration/channels/webhook-door.test.ts')).toContain(
      "  ['paynow', () => startPaynowHarness()],\n  ['tealpay', () => startTealpayHarness()],\n",
    );
  });
});
