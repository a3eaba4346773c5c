import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import { createKeeper, type Keeper } from '../../../dev/stack/keeper';
import { freePorts } from '../../../dev/stack/ports';
import { startTemporal } from '../../../dev/stack/temporal';
import { findTemporalProgram } from '../../../dev/stack/temporal-program';

const outer = mkdtempSync(path.join(tmpdir(), 'durapay-temporal-'));
let keeper: Keeper;

beforeEach(() => {
  keeper = createKeeper();
});
afterEach(() => {
  keeper.dismiss();
  rmSync(outer, { recursive: true, force: true });
});

async function startOn(databaseFile: string) {
  const [port = 0] = await freePorts(1);
  const child = await startTemporal({
    program: await findTemporalProgram(),
    port,
    databaseFile,
    namespace: 'durapay',
    retentionDays: 1,
    logFile: path.join(outer, 'temporal.log'),
    keeper,
  });
  return { child, address: `127.0.0.1:${port}` };
}

async function namespaceId(address: string): Promise<string | null | undefined> {
  const connection = await Connection.connect({ address });
  try {
    const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace: 'durapay' });
    return namespaceInfo?.id;
  } finally {
    await connection.close();
  }
}

/** SQLite takes the file's name for an address: there `#` and `?` end a path, and `%` begins a code. */
it('keeps its data in its folder and finds them again, whatever the folder is called', async () => {
  const databaseFile = path.join(outer, 'C# 100% feat%2Fx?', 'temporal', 'temporal.db');
  const first = await startOn(databaseFile);
  const id = await namespaceId(first.address);
  await first.child.stop();
  expect(existsSync(databaseFile)).toBe(true);
  const second = await startOn(databaseFile);
  expect(await namespaceId(second.address)).toBe(id);
  await second.child.stop();
});
