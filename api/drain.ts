import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';

const idleCloseMs = 1_000;
/** Where they come faster than they are let in, the door is shut all the same. */
const lettingInMsMax = 2_000;

/**
 * No new connections, and what is asked on those there are is answered, within the grace. Not by http's own
 * `close`: it breaks idle connections at once, and on one of them a request may just be arriving. Each gets its
 * time to bring one more, whose answer then closes it.
 */
export async function drain(server: Server, graceMs: number): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await letInWhoWaits(server, Math.min(lettingInMsMax, graceMs));
  // After the loop has read what came meanwhile: a connection whose request waits to be read is not idle.
  const idle = setInterval(() => setImmediate(() => server.closeIdleConnections()), idleCloseMs);
  await new Promise((resolve) => NetServer.prototype.close.call(server, resolve));
  clearInterval(idle);
  clearTimeout(timer);
}

/**
 * A listener that is closed resets the connections that wait in its queue, with the requests that were sent on them.
 * A turn of the loop takes one of them, so nobody waits any more when a turn has taken none.
 */
async function letInWhoWaits(server: Server, msMax: number): Promise<void> {
  const until = Date.now() + msMax;
  let isTaken = true;
  const taken = () => void (isTaken = true);
  server.on('connection', taken);
  // The turn that it is called in may have looked at the queue already.
  await turnOfTheLoop();
  while (isTaken && Date.now() < until) {
    isTaken = false;
    await turnOfTheLoop();
  }
  server.off('connection', taken);
}
