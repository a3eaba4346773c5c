import { randomUUID } from 'node:crypto';
import { createConfigListener, type ConfigChange } from '../../../db/config-listener';
import { createPool, type Database } from '../../../db/pool';
import {
  createConfigVersions,
  type ConfigSubject,
  type NewConfigVersion,
} from '../../../db/stores/config-versions-store';
import { inTransaction } from '../../../db/transaction';
import { createSecretBox } from '../../../security/secret-box';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { until } from '../../support/until';

let fresh: FreshDatabase;
let database: Database;
const secretBox = createSecretBox([{ id: 'k1', key: Buffer.alloc(32, 1) }]);
const versions = createConfigVersions({ secretBox });

beforeAll(async () => {
  fresh = await freshDatabase();
  database = createPool({ url: fresh.url, size: 4, statementTimeoutMs: 5_000, name: 'test' });
});
afterAll(async () => {
  await database.end();
  await fresh.drop();
});

const aSubject = (): ConfigSubject => ({ kind: 'service', id: randomUUID() });

function write(subject: ConfigSubject, over: Partial<NewConfigVersion> = {}) {
  const next = {
    document: { name: 'one', apiKey: 'a-secret-that-is-long-enough' },
    secretFields: ['apiKey'],
    author: 'key_1',
    ...over,
  };
  return inTransaction(database, (transaction) => versions.write(transaction, subject, next));
}

test('versions count up, tell who and why, and open their secrets again', async () => {
  const subject = aSubject();
  expect(await write(subject, { basedOn: 0 })).toBe(1);
  expect(await write(subject, { basedOn: 1, document: { name: 'two' }, reason: 'renamed' })).toBe(2);
  expect(await write(subject, { rolledBackTo: 1 })).toBe(3);

  const listed = await versions.list(database, subject, { limit: 10 });
  expect(listed.map(({ version, reason, rolledBackTo }) => [version, reason, rolledBackTo])).toEqual([
    [3, '', 1],
    [2, 'renamed', null],
    [1, '', null],
  ]);
  expect(await versions.list(database, subject, { limit: 10, before: 2 })).toHaveLength(1);
  const first = await versions.read(database, subject, 1);
  expect(first?.masked.apiKey).toBe('********ough');
  expect(first?.document.apiKey).toBe('a-secret-that-is-long-enough');
  expect(await versions.read(database, subject, 4)).toBeUndefined();

  const { rows } = await database.query<{ row: string }>('select v::text as row from config_versions v');
  const secret = 'a-secret-that-is-long-enough';
  for (const form of [secret, Buffer.from(secret).toString('hex')]) {
    expect(rows.map(({ row }) => row).join()).not.toContain(form);
  }
});

test('who read an older version writes nothing; of many at once one wins', async () => {
  const subject = aSubject();
  await write(subject);
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => write(subject, { basedOn: 1 })));
  expect(outcomes.filter((version) => version === 2)).toHaveLength(1);
  expect(outcomes.filter((version) => version === undefined)).toHaveLength(7);
  expect(new Set(await Promise.all(Array.from({ length: 8 }, () => write(subject)))).size).toBe(8);
});

test('the application can neither change nor remove a version', async () => {
  await write(aSubject());
  for (const statement of [
    'update config_versions set author = $1',
    'delete from config_versions where author = $1',
  ]) {
    await expect(database.query(statement, ['somebody'])).rejects.toThrow('permission denied');
  }
});

test('a version is heard of once it is committed; after a lost connection everything is', async () => {
  const heard: ConfigChange[] = [];
  const errors: unknown[] = [];
  const listener = createConfigListener({
    url: fresh.url,
    name: 'test-listener',
    onError: (error) => errors.push(error),
    reconnectMs: 20,
  });
  listener.onChange((change) => heard.push(change));
  listener.start();
  try {
    await until('it listens', async () => heard.includes('everything'));
    const subject = aSubject();
    await inTransaction(database, async (transaction) => {
      await versions.write(transaction, subject, { document: {}, secretFields: [], author: 'key_1' });
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(heard).toEqual(['everything']);
    });
    await until('it was heard', async () => heard.length === 2);
    expect(heard[1]).toEqual(subject);

    await database.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test-listener'",
    );
    await until(
      'it listens again',
      async () => heard.filter((change) => change === 'everything').length === 2,
    );
    const later = aSubject();
    await write(later);
    await until('and hears', async () => heard.length === 4);
    expect(heard[3]).toEqual(later);
    expect(errors.length).toBeGreaterThan(0);
  } finally {
    await listener.stop();
  }
});

test('a server that is away is tried again, until it is enough', async () => {
  const errors: unknown[] = [];
  const listener = createConfigListener({
    url: 'postgres://nobody@127.0.0.1:1/none',
    name: 'away',
    onError: (error) => errors.push(error),
    reconnectMs: 5,
  });
  listener.start();
  await until('it has tried three times', async () => errors.length >= 3);
  await listener.stop();
  const tried = errors.length;
  await new Promise((resolve) => setTimeout(resolve, 40));
  expect(errors.length).toBeLessThanOrEqual(tried + 1);
});
