import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { compiledSources } from '../../../dev/stack/compiled';
import { filesUnder } from '../../../workers/sources';

describe('the compiled sources', () => {
  it('are in one place for the same sources, whoever asks, and where packages are found', async () => {
    const [folder, same] = await Promise.all([compiledSources(), compiledSources()]);
    expect(same).toBe(folder);
    expect(existsSync(path.join(folder, 'dev', 'sandboxes', 'kpay', 'server.js'))).toBe(true);
    expect(require.resolve('express', { paths: [path.join(folder, 'api')] })).toBe(
      require.resolve('express'),
    );
  });

  it('miss nothing of what they ask for: a process would end while it starts', async () => {
    const folder = await compiledSources();
    const files = (await filesUnder(folder)).filter((file) => file.endsWith('.js'));
    expect(files.length).toBeGreaterThan(100);
    const missing = files.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\brequire\("(\.[^"]*)"\)/g)]
        .map(([, wanted = '']) => path.resolve(path.dirname(file), wanted))
        .filter((wanted) => ![wanted, `${wanted}.js`, path.join(wanted, 'index.js')].some(isFile))
        .map((wanted) => `${path.relative(folder, file)} wants ${path.relative(folder, wanted)}`),
    );
    expect(missing).toEqual([]);
  });

  it('are somewhere else with more sources', async () => {
    const more = await compiledSources(['test/bench']);
    expect(more).not.toBe(await compiledSources());
    expect(existsSync(path.join(more, 'test', 'bench', 'floors', 'api-process.js'))).toBe(true);
  });
});

function isFile(name: string): boolean {
  return statSync(name, { throwIfNoEntry: false })?.isFile() === true;
}
