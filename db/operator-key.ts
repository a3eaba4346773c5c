import { loadSomeSettings } from '../config/settings';
import { newApiKey } from '../security/api-keys';
import { newId } from './ids';
import { createPool, type Queryable } from './pool';
import { runCommand } from './run-command';
import { putApiKey } from './stores/api-keys-store';

/** The key that makes the first merchant, and all that follows. Its text is nowhere but in the answer. */
export async function createOperatorKey(db: Queryable): Promise<string> {
  const { text, prefix, hash } = newApiKey('admin');
  await putApiKey(db, { id: newId(), owner: { role: 'admin' }, prefix, secretHash: hash });
  return text;
}

async function printOperatorKey(url: string, statementTimeoutMs: number): Promise<void> {
  const pool = createPool({ url, size: 1, statementTimeoutMs, name: 'durapay-operator-key' });
  try {
    console.log(await createOperatorKey(pool));
  } finally {
    await pool.end();
  }
}

/** `npm run operator-key`: prints a new operator's key, once. Who can run it owns the database anyway. */
if (require.main === module) {
  void runCommand(() => {
    const settings = loadSomeSettings(['DATABASE_URL', 'DATABASE_STATEMENT_TIMEOUT_MS']);
    const { DATABASE_URL: url, DATABASE_STATEMENT_TIMEOUT_MS: statementTimeoutMs } = settings;
    return { setting: 'DATABASE_URL', url, run: () => printOperatorKey(url, statementTimeoutMs) };
  });
}
