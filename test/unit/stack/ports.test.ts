import { createServer } from 'node:net';
import { freePorts } from '../../../dev/stack/ports';

describe('free ports', () => {
  it('are never those that the system hands out by itself, and none is told twice', async () => {
    const ports = [...(await freePorts(20)), ...(await freePorts(20))];
    expect(new Set(ports).size).toBe(40);
    expect(Math.max(...ports)).toBeLessThan(32_768);
  });

  it('leave out one that somebody listens at', async () => {
    const [last = 0] = await freePorts(1);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(last + 1, '127.0.0.1', resolve));
    try {
      await expect(freePorts(1)).resolves.not.toContain(last + 1);
    } finally {
      server.close();
    }
  });
});
