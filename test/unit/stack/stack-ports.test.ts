import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { freePorts, isPortFree } from '../../../dev/stack/ports';
import {
  checkPortsFree,
  portsFromEnvironment,
  takenLines,
  unusedPorts,
} from '../../../dev/stack/stack-ports';
import { until } from '../../support/until';

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

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('that another stack has are told in one go, with the way out', async () => {
    // A process whose command line is that of `npm start`, with a child that has two ports.
    const [first = 0, second = 0] = await freePorts(2);
    const child = `for (const port of [${first}, ${second}]) require('net').createServer().listen(port, '127.0.0.1');`;
    const script = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' });`;
    const other = spawn(process.execPath, ['-e', script, 'dev/start/index.ts'], { detached: true });
    try {
      await until('both listen', async () => !(await isPortFree(first)) && !(await isPortFree(second)));
      const ports = { ...(await unusedPorts()), api: first, ui: second };
      await expect(checkPortsFree(ports, ['api', 'ui', 'kpay'])).rejects.toThrow(
        new Error(
          `Another Durapay stack runs (pid ${other.pid}, in ${process.cwd()}) and has ports ${first}, ${second}: use it, ` +
            `or stop it with Ctrl-C there (kill ${other.pid}).\n` +
            'A second one beside it needs its own DURAPAY_STATE and ports: docs/embedded-stack.md names the variables.',
        ),
      );
    } finally {
      process.kill(-(other.pid ?? 0), 'SIGKILL');
    }
  });

  it('that somebody else has besides get their lines after it', () => {
    const stack = { pid: 11, name: 'pid 11, in /there' };
    const lines = takenLines([
      { name: 'api', port: 8080, holder: { name: 'node (pid 12)', stack } },
      { name: 'kpay', port: 8090, holder: { name: 'nginx (pid 5)' } },
    ]);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^Another Durapay stack runs \(pid 11, in \/there\) and has port 8080: /);
    expect(lines[1]).toMatch(/^Port 8090 for the KPay sandbox is in use by nginx \(pid 5\): /);
  });
});
