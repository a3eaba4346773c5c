import type { Client } from '@temporalio/client';

/** So that a server that hangs costs nobody more than this. */
const answerWithinMs = 4_000;

/** For what a channel told: nobody waits, and a server that is started again is back before a sweep would bring it. */
export const newsWithinMs = 12_000;

/** Limits the time of calls to Temporal. One that was cut off may have been heard: it must be one that can be repeated. */
export function createSoon(client: Client, withinMs = answerWithinMs) {
  return <T>(call: () => Promise<T>): Promise<T> =>
    client.connection.withDeadline(Date.now() + withinMs, call);
}
