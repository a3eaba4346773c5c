import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { loadSettings } from '../../../config/settings';
import { connectTemporal } from '../../../workers/temporal';
import { temporalAddress, temporalNamespace } from '../../support/temporal';

let server: Server;
const sent: Buffer[] = [];

beforeAll(async () => {
  const [host = '', port] = temporalAddress().split(':');
  server = createServer((near) => {
    const far = connect(Number(port), host);
    near.on('data', (part: Buffer) => sent.push(part));
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

test('messages to Temporal are not packed: encrypted ones hardly shrink', async () => {
  const { connection } = await connectTemporal(
    loadSettings({
      NODE_ENV: 'test',
      DATABASE_URL: 'postgres://nobody@127.0.0.1/unused',
      ENCRYPTION_KEYS: `test-1:${Buffer.alloc(32, 7).toString('base64')}`,
      TEMPORAL_ADDRESS: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      TEMPORAL_NAMESPACE: temporalNamespace(),
    }),
  );
  await connection.workflowService.describeNamespace({ namespace: temporalNamespace() });
  await connection.close();
  const bytes = Buffer.concat(sent);
  expect(bytes.includes(temporalNamespace())).toBe(true);
  expect(bytes.includes(Buffer.from([0x1f, 0x8b, 0x08]))).toBe(false);
});
