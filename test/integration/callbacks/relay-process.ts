import { createPool } from '../../../db/pool';
import { createTestRelay } from './relay';

/** A relay in a process of its own, for tests that kill it: `relay-process.ts DATABASE_URL LEASE_MS`. */
const [url = '', leaseMs = ''] = process.argv.slice(2);
const database = createPool({ url, size: 2, statementTimeoutMs: 10_000, name: 'relay-process' });
createTestRelay({ database, settings: { leaseMs: Number(leaseMs), tryTimeoutMs: 500 } }).relay.start();
