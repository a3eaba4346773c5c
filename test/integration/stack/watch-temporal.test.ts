import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createChild, type Child } from '../../../dev/stack/child';
import { createKeeper } from '../../../dev/stack/keeper';
import { watchTemporal } from '../../../dev/start/watch-temporal';
import { temporalAddress } from '../../support/temporal';

const folder = mkdtempSync(path.join(os.tmpdir(), 'durapay-watch-'));
const keeper = createKeeper();
const sockets = new Set<Socket>();
let silent: Server;
let silentAddress: string;

beforeAll(async () => {
  // Takes connections, as the server does whose database is stuck, and answers nothing.
  silent = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  silentAddress = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
});

afterAll(() => {
  keeper.dismiss();
  for (const socket of sockets) socket.destroy();
  silent.close();
  rmSync(folder, { recursive: true });
});

/** A process that says one line and stays. */
function saying(line: string): Child {
  return createChild({
    name: 'temporal',
    command: process.execPath,
    args: ['-e', 'console.log(process.argv[1]); setInterval(() => undefined, 1_000)', line],
    env: process.env,
    logFile: path.join(folder, `${Math.random()}.log`),
    stopSignal: 'SIGTERM',
    stopWithinMs: 5_000,
    readyWithinMs: 20_000,
    isReady: () => Promise.resolve(true),
    keeper,
  });
}

async function watched(address: string, line: string, until: (told: string[]) => Promise<unknown>) {
  const child = saying(line);
  await child.start();
  const ended: string[] = [];
  const told: string[] = [];
  child.onUnexpectedExit((how) => ended.push(how));
  const watching = new AbortController();
  const watch = watchTemporal(child, {
    address,
    namespace: 'default',
    report: (text) => told.push(text),
    signal: watching.signal,
    everyMs: 20,
    answerWithinMs: 100,
  });
  await until(ended);
  watching.abort();
  await watch;
  await child.stop();
  return { ended, told };
}

const stuckLine = 'level=ERROR error="Failed to start transaction. Error: interrupted (9)"';

it('a server whose database is stuck is ended, for the supervisor to start it again', async () => {
  const { ended, told } = await watched(silentAddress, stuckLine, async (endings) => {
    while (endings.length === 0) await sleep(20);
  });
  expect(ended).toEqual(['signal SIGKILL']);
  expect(told).toHaveLength(1);
});

it.each([
  ['is only slow', () => silentAddress, 'a line'],
  ['was stuck once and answers', temporalAddress, stuckLine],
])('one that %s is left alone', async (_, address, line) => {
  const { ended, told } = await watched(address(), line, () => sleep(1_000));
  expect({ ended, told }).toEqual({ ended: [], told: [] });
});
