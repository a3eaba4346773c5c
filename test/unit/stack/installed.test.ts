import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const { checkNode, isInstalled } = jest.requireActual<{
  checkNode: (version: string) => { error?: string; warning?: string };
  isInstalled: (folder: string) => boolean;
}>('../../../dev/installed');

describe('before anything is installed', () => {
  it('refuses a Node that is too old, in one line', () => {
    for (const version of ['18.20.0', '20.18.3']) {
      expect(checkNode(version).error).toMatch(/^Durapay needs Node 20\.19 or later, this is .*nodejs\.org$/);
    }
  });

  it('warns below 22 and is silent from there on', () => {
    expect(checkNode('20.19.0')).toEqual({
      warning: expect.stringContaining('use Node 22 or later') as string,
    });
    expect(checkNode('22.0.0')).toEqual({});
    expect(checkNode('24.21.0')).toEqual({});
  });
});

describe('whether the packages are installed', () => {
  let folder: string;
  const wanted = {
    '': { version: '0.1.0' },
    'node_modules/pg': { version: '8.0.0' },
    'node_modules/for-a-mac': { version: '1.0.0', optional: true },
  };
  const lock = (packages: object) => JSON.stringify({ packages });

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'durapay-installed-'));
    mkdirSync(path.join(folder, 'node_modules'));
    writeFileSync(path.join(folder, 'package-lock.json'), lock(wanted));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const installed = (packages: object) =>
    writeFileSync(path.join(folder, 'node_modules', '.package-lock.json'), lock(packages));

  it('is no when npm has never finished', () => expect(isInstalled(folder)).toBe(false));

  it('is yes when all is there that this platform can have', () => {
    installed({ 'node_modules/pg': { version: '8.0.0' } });
    expect(isInstalled(folder)).toBe(true);
  });

  it('is no when a package is missing or another version', () => {
    installed({});
    expect(isInstalled(folder)).toBe(false);
    installed({ 'node_modules/pg': { version: '7.9.9' } });
    expect(isInstalled(folder)).toBe(false);
    installed({ 'node_modules/pg': { version: '8.0.0' }, 'node_modules/for-a-mac': { version: '0.9.0' } });
    expect(isInstalled(folder)).toBe(false);
  });
});
