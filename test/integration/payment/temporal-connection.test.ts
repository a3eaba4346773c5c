import { connectThrough, temporalAddress, temporalNamespace } from '../../support/temporal';
import { startTcpProxy } from '../../support/tcp-proxy';

test('messages to Temporal are not packed: encrypted ones hardly shrink', async () => {
  const sent: Buffer[] = [];
  const [host = '', port] = temporalAddress().split(':');
  const proxy = await startTcpProxy({ host, port: Number(port) }, (bytes) => void sent.push(bytes));
  try {
    const { connection } = await connectThrough(proxy.port);
    await connection.workflowService.describeNamespace({ namespace: temporalNamespace() });
    await connection.close();
  } finally {
    await proxy.close();
  }
  const bytes = Buffer.concat(sent);
  expect(bytes.includes(temporalNamespace())).toBe(true);
  expect(bytes.includes(Buffer.from([0x1f, 0x8b, 0x08]))).toBe(false);
});
