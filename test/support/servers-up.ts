import path from 'node:path';
import { bringUpToDate } from '../../db/bring-up-to-date';
import { createKeeper } from '../../dev/stack/keeper';
import { freePorts } from '../../dev/stack/ports';
import { startPostgres } from '../../dev/stack/postgres';
import { startTemporal } from '../../dev/stack/temporal';
import { findTemporalProgram } from '../../dev/stack/temporal-program';
import { builtWorkflowBundle } from '../../dev/stack/workflow-bundle';
import { folderInMemory } from './folder-in-memory';
import { keepServers } from './servers';

const NAMESPACE = 'durapay';

/** Once per run of jest, before the first test that needs it: one PostgreSQL, one Temporal, one migrated template. */
export default async function serversUp(): Promise<void> {
  const folder = folderInMemory('durapay-test-');
  const keeper = createKeeper();
  keeper.remove(folder);
  const [postgresPort = 0, temporalPort = 0] = await freePorts(2);
  const [postgres, temporal, bundle] = await Promise.all([
    startPostgres({
      folder,
      port: postgresPort,
      logFile: path.join(folder, 'postgres.log'),
      keeper,
      isThrowaway: true,
    }).then(async (started) => {
      await bringUpToDate(started.url('durapay_owner'));
      return started;
    }),
    findTemporalProgram({ report: (line) => console.log(line) }).then((program) =>
      startTemporal({
        program,
        port: temporalPort,
        namespace: NAMESPACE,
        retentionDays: 1,
        logFile: path.join(folder, 'temporal.log'),
        keeper,
      }),
    ),
    builtWorkflowBundle({ env: process.env, keeper }),
  ]).catch((error: unknown) => {
    keeper.dismiss();
    throw error;
  });
  keepServers({
    stop: async () => {
      await Promise.all([temporal.kill('SIGKILL'), postgres.child.kill('SIGQUIT')]);
      keeper.dismiss();
    },
  });
  process.env.WORKFLOW_BUNDLE = bundle.file;
  // Jest's workers inherit the environment; nothing else passes from here to them.
  process.env.DURAPAY_TEST_SERVERS = JSON.stringify({
    adminUrl: postgres.url('postgres', 'postgres'),
    ownerUrl: postgres.url('durapay_owner', 'DATABASE'),
    appUrl: postgres.url('durapay_app', 'DATABASE'),
    template: 'durapay',
    temporalAddress: `127.0.0.1:${temporalPort}`,
    temporalNamespace: NAMESPACE,
  });
}
