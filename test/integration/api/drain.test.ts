import { Agent, createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turnOfTheLoop, setTimeout as sleep } from 'node:timers/promises';
import { drain } from '../../../api/drain';

const graceMs = 10_000;

let server: Server;
let port: number;
beforeEach(async () => {
  server = createServer((_request, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterEach(() => server.closeAllConnections());

/** The status, or why there was none. */
function ask(agent: Agent | false): Promise<number | string> {
  return new Promise((resolve) => {
    httpRequest({ host: '127.0.0.1', port, method: 'POST', agent }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    })
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      .end();
  });
}

/** So long the loop takes no connection and reads nothing. */
function holdUpTheLoop(ms: number): void {
  const until = Date.now() + ms;
  while (Date.now() < until);
}

it('answers those whose connection waits to be taken, and takes no more', async () => {
  const waiting = Array.from({ length: 20 }, () => ask(false));
  // Their connections are made when this has run, and the loop takes them one by one.
  await new Promise((resolve) => process.nextTick(resolve));
  const drained = drain(server, graceMs);
  expect(new Set(await Promise.all(waiting))).toEqual(new Set([200]));
  await drained;
  expect(server.listening).toBe(false);
});

it('answers a request that came on a kept connection while the loop was busy', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect(await ask(agent)).toBe(200);
  const drained = drain(server, graceMs);
  await sleep(900);
  // The loop comes to its timers from here, and only then to what there is to read.
  await turnOfTheLoop();
  const asked = ask(agent);
  // Once the request is sent: the moment to close idle connections passes before it can be read.
  process.nextTick(() => process.nextTick(() => holdUpTheLoop(300)));
  expect(await asked).toBe(200);
  agent.destroy();
  await drained;
});

it('lets go in the end of a connection that asks nothing', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect(await ask(agent)).toBe(200);
  await drain(server, graceMs);
  agent.destroy();
});
