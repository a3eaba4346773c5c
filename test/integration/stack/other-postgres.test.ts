import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bringUpToDate } from '../../../db/bring-up-to-date';
import { createPool } from '../../../db/pool';
import { createKeeper } from '../../../dev/stack/keeper';
import { freePorts } from '../../../dev/stack/ports';
import { startPostgres } from '../../../dev/stack/postgres';

const folder = mkdtempSync(path.join(tmpdir(), 'durapay-other-postgres-'));
const keeper = createKeeper();

afterAll(() => {
  keeper.dismiss();
  rmSync(folder, { recursive: true, force: true });
});

it('what a shell says of another PostgreSQL does not keep the embedded one from being reached', async () => {
  process.env.PGSSLMODE = 'require';
  process.env.PGOPTIONS = '-c default_transaction_read_only=on';
  const [port = 0] = await freePorts(1);
  const logFile = path.join(folder, 'postgres.log');
  const { child, url } = await startPostgres({ folder, port, logFile, keeper, isThrowaway: true });
  await bringUpToDate(url('durapay_owner'));
  const pool = createPool({ url: url('durapay_app'), size: 1, statementTimeoutMs: 5_000, name: 'test' });
  const { rows } = await pool.query<{ readOnly: string }>(
    `select current_setting('transaction_read_only') as "readOnly"`,
  );
  expect(rows).toEqual([{ readOnly: 'off' }]);
  await pool.end();
  await child.stop();
});
