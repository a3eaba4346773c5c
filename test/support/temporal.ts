import { randomBytes } from 'node:crypto';
import { loadSettings } from '../../config/settings';
import { connectTemporal, type Temporal } from '../../workers/temporal';
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

/** Connected as API and worker are, through a proxy at this port. */
export function connectThrough(port: number): Promise<Temporal> {
  return connectTemporal(
    loadSettings({
      NODE_ENV: 'test',
      DATABASE_URL: 'postgres://nobody@127.0.0.1/unused',
      ENCRYPTION_KEYS: `test-1:${Buffer.alloc(32, 7).toString('base64')}`,
      TEMPORAL_ADDRESS: `127.0.0.1:${port}`,
      TEMPORAL_NAMESPACE: temporalNamespace(),
    }),
  );
}
