import type { Client } from '@temporalio/client';

/** So that a server that hangs costs nobody more than this. */
const answerWithinMs = 4_000;

/** Limits the time of calls to Temporal. One that was cut off may have been heard: it must be one that can be repeated. */
export function createSoon(client: Client) {
  return <T>(call: () => Promise<T>): Promise<T> =>
    client.connection.withDeadline(Date.now() + answerWithinMs, call);
}
