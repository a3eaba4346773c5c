import { Connection } from '@temporalio/client';
import { Client } from 'pg';
import { freshDatabase } from '../../support/database';
import { temporalAddress, temporalNamespace, uniqueTaskQueue } from '../../support/temporal';

async function query(url: string, statement: string) {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

describe('the servers tests run on', () => {
  it('give each test a migrated database of its own', async () => {
    const [one, other] = await Promise.all([freshDatabase(), freshDatabase()]);
    try {
      const insert = `insert into merchants (id, name, default_currency)
        values ('01890000-0000-7000-8000-000000000001', 'Only here', 'USD')`;
      await query(one.url, insert);
      expect(await query(one.url, 'select name from merchants')).toEqual([{ name: 'Only here' }]);
      expect(await query(other.url, 'select name from merchants')).toEqual([]);
    } finally {
      await Promise.all([one.drop(), other.drop()]);
    }
  });

  it('keep the application from changing tables', async () => {
    const database = await freshDatabase();
    try {
      await expect(query(database.url, 'drop table merchants')).rejects.toThrow('must be owner');
      await expect(query(database.url, 'delete from payment_keys')).rejects.toThrow('permission denied');
    } finally {
      await database.drop();
    }
  });

  it('have the namespace with its search attributes', async () => {
    const connection = await Connection.connect({ address: temporalAddress() });
    try {
      const answer = await connection.operatorService.listSearchAttributes({
        namespace: temporalNamespace(),
      });
      expect(Object.keys(answer.customAttributes ?? {}).sort()).toEqual([
        'Attention',
        'Currency',
        'MerchantId',
        'Mode',
      ]);
    } finally {
      await connection.close();
    }
  });

  it('give task queues that nobody else polls', () => {
    expect(uniqueTaskQueue('a')).not.toBe(uniqueTaskQueue('a'));
  });
});
