import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';

const variables: Record<string, string> = {
  kpay: 'KPAY_SANDBOX_PORT',
  tpay: 'TPAY_SANDBOX_PORT',
  stripe: 'STRIPE_SANDBOX_PORT',
  ecpay: 'ECPAY_SANDBOX_PORT',
  postbox: 'POSTBOX_PORT',
  rates: 'RATES_SANDBOX_PORT',
};
const server = createServer();
let port: number;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => void server.close());

function run(name: string, settings: NodeJS.ProcessEnv): Promise<{ code: number | null; output: string }> {
  const child = spawn(
    process.execPath,
    ['--require', require.resolve('tsx/cjs'), `dev/sandboxes/${name}/server.ts`],
    { cwd: path.join(__dirname, '..', '..', '..'), env: { ...process.env, ...settings } },
  );
  let output = '';
  const hear = (chunk: Buffer) => (output += chunk.toString());
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

test.each(Object.entries(variables))('%s on a taken port names %s', async (name, variable) => {
  const { code, output } = await run(name, { [variable]: String(port) });
  expect(code).toBe(1);
  expect(output).toMatch(
    new RegExp(
      `^\\S[\\w ]+: Port ${port} is in use: end what holds it, or start with ${variable}=<another port>\\.\n$`,
    ),
  );
});

test('what is no port is named too', async () => {
  const { code, output } = await run('kpay', { KPAY_SANDBOX_PORT: '99999' });
  expect([code, output]).toEqual([
    1,
    'KPay sandbox: KPAY_SANDBOX_PORT wants a whole number up to 65535, not "99999"\n',
  ]);
});
