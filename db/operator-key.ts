import { loadSettings } from '../config/settings';
import { newApiKey } from '../security/api-keys';
import { newId } from './ids';
import { createPool, type Queryable } from './pool';
import { putApiKey } from './stores/api-keys-store';

/** The key that makes the first merchant, and all that follows. Its text is nowhere but in the answer. */
export async function createOperatorKey(db: Queryable): Promise<string> {
  const { text, prefix, hash } = newApiKey('admin');
  await putApiKey(db, { id: newId(), owner: { role: 'admin' }, prefix, secretHash: hash });
  return text;
}

/** `npm run operator-key`: prints a new operator's key, once. Who can run it owns the database anyway. */
async function main(): Promise<void> {
  const settings = loadSettings();
  const pool = createPool({
    url: settings.DATABASE_URL,
    size: 1,
    statementTimeoutMs: settings.DATABASE_STATEMENT_TIMEOUT_MS,
    name: 'durapay-operator-key',
  });
  try {
    console.log(await createOperatorKey(pool));
  } finally {
    await pool.end();
  }
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
