import { existsSync } from 'node:fs';
import path from 'node:path';
import { compiledSources } from '../../../dev/stack/compiled';

describe('the compiled sources', () => {
  it('are in one place for the same sources, whoever asks, and where packages are found', async () => {
    const [folder, same] = await Promise.all([compiledSources(), compiledSources()]);
    expect(same).toBe(folder);
    expect(existsSync(path.join(folder, 'dev', 'sandboxes', 'kpay', 'server.js'))).toBe(true);
    expect(require.resolve('express', { paths: [path.join(folder, 'api')] })).toBe(
      require.resolve('express'),
    );
  });

  it('are somewhere else with more sources', async () => {
    const more = await compiledSources(['test/bench']);
    expect(more).not.toBe(await compiledSources());
    expect(existsSync(path.join(more, 'test', 'bench', 'floors', 'api-process.js'))).toBe(true);
  });
});
