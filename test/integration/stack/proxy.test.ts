import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { temporalAddress } from '../../support/temporal';

const folder = mkdtempSync(path.join(tmpdir(), 'durapay-proxy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('behind a proxy a command reaches the servers of this machine without it', () => {
  const file = path.join(folder, 'connect.js');
  writeFileSync(
    file,
    `const { Connection } = require(${JSON.stringify(require.resolve('@temporalio/client'))});
     Connection.connect({ address: '${temporalAddress()}', connectTimeout: 3000 })
       .then((connection) => connection.close())
       .then(() => console.log('reached'));`,
  );
  const nobody = 'http://127.0.0.1:9';
  const behindProxy = { https_proxy: nobody, http_proxy: nobody, no_proxy: '', NO_PROXY: '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dev/run.js', file], {
    cwd: path.join(__dirname, '..', '..', '..'),
    env: { ...process.env, ...behindProxy, no_grpc_proxy: '', npm_lifecycle_event: '' },
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'reached\n', stderr: '' });
});
