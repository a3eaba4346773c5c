import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startStack } from '../../../dev/stack/stack';
import { unusedPorts } from '../../../dev/stack/stack-ports';

const folder = mkdtempSync(path.join(tmpdir(), 'durapay-settings-'));
const searchPath = process.env.PATH;

afterEach(() => {
  process.env.PATH = searchPath;
  rmSync(folder, { recursive: true, force: true });
});

it('what the product is configured with does not hide where this machine has its programs', async () => {
  const asked = path.join(folder, 'asked');
  const cli = path.join(folder, 'bin', 'temporal');
  mkdirSync(path.dirname(cli));
  writeFileSync(cli, `#!/bin/sh\necho "$@" > ${asked}\nexit 7\n`);
  chmodSync(cli, 0o755);
  process.env.PATH = [path.dirname(cli), searchPath].join(path.delimiter);

  await startStack({
    stateFolder: path.join(folder, 'state'),
    ports: await unusedPorts(),
    environment: { LOG_LEVEL: 'fatal' },
    isThrowaway: true,
  }).then(
    (stack) => stack.stop(),
    () => undefined,
  );
  expect(readFileSync(asked, 'utf8')).toMatch(/^server start-dev /);
});
