import { withoutOtherPostgres } from './other-postgres';
import type { StackSecrets } from './secrets';
import { environmentOfPorts, type StackPorts } from './stack-ports';

export interface EnvironmentOptions {
  ports: StackPorts;
  secrets: StackSecrets;
  /** Without one it is the embedded server. */
  temporalAddress?: string;
  given?: NodeJS.ProcessEnv;
}

/** What API and worker are configured with; without the database's address, which is known once it runs. */
export function stackEnvironment(options: EnvironmentOptions): NodeJS.ProcessEnv {
  const { ports, secrets } = options;
  return {
    ...withoutOtherPostgres(process.env),
    NODE_ENV: 'development',
    // One build at a time runs here: yesterday's open payments go on with today's.
    WORKER_VERSIONING: process.env.WORKER_VERSIONING ?? 'auto-upgrade',
    // The demo merchant's server, and anybody's first one, lives on this machine.
    CALLBACK_PRIVATE_RANGES_ALLOWED: process.env.CALLBACK_PRIVATE_RANGES_ALLOWED ?? '127.0.0.0/8,::1/128',
    EXCHANGE_PRIVATE_RANGES_ALLOWED: process.env.EXCHANGE_PRIVATE_RANGES_ALLOWED ?? '127.0.0.0/8,::1/128',
    API_PUBLIC_URL: process.env.API_PUBLIC_URL ?? `http://127.0.0.1:${ports.api}`,
    TEMPORAL_UI_URL: process.env.TEMPORAL_UI_URL ?? `http://127.0.0.1:${ports.ui}`,
    ...options.given,
    ...environmentOfPorts(ports),
    ...(options.temporalAddress ? { TEMPORAL_ADDRESS: options.temporalAddress } : embeddedTemporal(ports)),
    DATABASE_URL: 'postgres://not-yet-known',
    DATABASE_OWNER_URL: undefined,
    ENCRYPTION_KEYS: secrets.encryptionKeys,
    CODEC_TOKEN: secrets.codecToken,
  };
}

/** What the shell says of a server of its own (TLS, a key) is not for this one. */
function embeddedTemporal(ports: StackPorts): NodeJS.ProcessEnv {
  return {
    TEMPORAL_ADDRESS: `127.0.0.1:${ports.temporal}`,
    TEMPORAL_TLS: 'false',
    TEMPORAL_API_KEY: undefined,
  };
}
