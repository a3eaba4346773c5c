import { randomBytes } from 'node:crypto';
import { testServers } from './servers';

/** host:port of the run's Temporal server. */
export function temporalAddress(): string {
  return testServers().temporalAddress;
}

export function temporalNamespace(): string {
  return testServers().temporalNamespace;
}

/** No test's worker takes another test's tasks. */
export function uniqueTaskQueue(name = 'test'): string {
  return `${name}-${randomBytes(6).toString('hex')}`;
}
