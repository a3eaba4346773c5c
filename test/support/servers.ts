export interface TestServers {
  adminUrl: string;
  /** With DATABASE where the database's name goes. */
  ownerUrl: string;
  appUrl: string;
  template: string;
  temporalAddress: string;
  temporalNamespace: string;
}

/** What `servers-up.ts` started, seen from a test. */
export function testServers(): TestServers {
  const given = process.env.DURAPAY_TEST_SERVERS;
  if (!given)
    throw new Error(
      'There are no servers here: tests under test/unit run without; put this one under test/integration.',
    );
  return JSON.parse(given) as TestServers;
}

interface Stoppable {
  stop(): Promise<void>;
}

/** Setup and teardown are loaded apart from one another, in one process: what they share is on the process. */
const shared = globalThis as typeof globalThis & { durapayTestServers?: Stoppable };

export function keepServers(servers: Stoppable): void {
  shared.durapayTestServers = servers;
}

export function keptServers(): Stoppable | undefined {
  return shared.durapayTestServers;
}
