import { createPool, type Database } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { startWireProxy, type WireProxy } from '../../faults/wire/proxy';
import { freshDatabase, type FreshDatabase } from '../../support/database';

let fresh: FreshDatabase;
let proxy: WireProxy;
let pool: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  const url = new URL(fresh.url);
  proxy = await startWireProxy({ port: Number(url.port) }, () => 'pass');
  url.port = String(proxy.port);
  pool = createPool({ url: url.href, size: 2, statementTimeoutMs: 5_000, name: 'test' });
});
afterAll(async () => {
  await pool?.end();
  await proxy?.close();
  await fresh?.drop();
});

it('a connection that breaks between two statements fails its transaction, and nothing else', async () => {
  const unhandled = jest.fn();
  process.on('uncaughtException', unhandled);
  const broken = inTransaction(pool, async (transaction) => {
    await transaction.query('select 1');
    const noticed = new Promise((resolve) => transaction.once('end', resolve));
    proxy.cutAll();
    await noticed;
    await transaction.query('select 2');
  });
  await expect(broken).rejects.toThrow();
  const { rows } = await pool.query<{ three: number }>('select 3 as three');
  expect(rows).toEqual([{ three: 3 }]);
  process.off('uncaughtException', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});
