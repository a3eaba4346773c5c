import { createOperatorKey } from '../../../db/operator-key';
import { createPool, type Database } from '../../../db/pool';
import { findKeyHolder } from '../../../db/stores/api-keys-store';
import { hashApiKey, isApiKey } from '../../../security/api-keys';
import { freshDatabase } from '../../support/database';

let pool: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  pool = createPool({ url: database.url, size: 1, statementTimeoutMs: 5_000, name: 'test' });
});

afterAll(async () => {
  await pool.end();
  await drop();
});

test('the printed key opens the operator’s door, and each run makes another one', async () => {
  const [first, second] = [await createOperatorKey(pool), await createOperatorKey(pool)];
  expect(first).not.toBe(second);
  for (const key of [first, second]) {
    expect(isApiKey(key)).toBe(true);
    expect(await findKeyHolder(pool, hashApiKey(key))).toMatchObject({
      scope: { role: 'admin' },
      isRevoked: false,
    });
  }
});

test('the key’s text is not in the database', async () => {
  const key = await createOperatorKey(pool);
  const { rows } = await pool.query<{ row: string }>('select k::text as row from api_keys k');
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter(({ row }) => row.includes(key.slice(-43)))).toEqual([]);
});
