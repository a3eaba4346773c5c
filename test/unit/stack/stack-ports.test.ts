import { createServer } from 'node:net';
import { checkPortsFree, portsFromEnvironment, unusedPorts } from '../../../dev/stack/stack-ports';

describe('the ports of the stack', () => {
  it('are the usual ones unless a variable says otherwise', () => {
    expect(portsFromEnvironment({ API_PORT: '9000', TEMPORAL_PORT: '' })).toEqual({
      api: 9000,
      ui: 8233,
      temporal: 7233,
      postgres: 5433,
      kpay: 8090,
      tpay: 8091,
      stripe: 8092,
      ecpay: 8093,
      postbox: 8094,
      rates: 8095,
    });
  });

  it('are all wrong at once when they are: one line for each', () => {
    const read = () =>
      portsFromEnvironment({ API_PORT: 'http', POSTGRES_PORT: '70000', TEMPORAL_UI_PORT: '7233' });
    expect(read).toThrow(/API_PORT=http is no port/);
    expect(read).toThrow(/POSTGRES_PORT=70000 is no port/);
    expect(read).toThrow(
      /Temporal UI and Temporal are both to use port 7233: set TEMPORAL_UI_PORT or TEMPORAL_PORT/,
    );
  });

  it('in use get one line that names the port, who has it, the variable and the way out', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
    );
    try {
      const ports = { ...(await unusedPorts()), api: port };
      await expect(checkPortsFree(ports, ['kpay'])).resolves.toBeUndefined();
      const failure = await checkPortsFree(ports, ['api', 'kpay']).catch((error: Error) => error.message);
      const whose = process.platform === 'linux' ? ` by \\S+ \\(pid ${process.pid}\\)` : '';
      expect(failure).toMatch(
        new RegExp(
          `^Port ${port} for the API is in use${whose}: end that, or start with API_PORT=<another port>\\.$`,
        ),
      );
    } finally {
      server.close();
    }
  });
});
