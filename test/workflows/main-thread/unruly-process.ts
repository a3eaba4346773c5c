import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { MainThreadWorker } from '../../../workers/main-thread-worker';

/** What the test hands to its process. */
export interface UnrulySettings {
  address: string;
  namespace: string;
  taskQueue: string;
  bundleFile: string;
}

/** Like API and worker a process of its own: in Jest's there is another one's event loop around the workflows. */
async function main(): Promise<void> {
  const settings = JSON.parse(process.env.UNRULY ?? '') as UnrulySettings;
  Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR', () => undefined) });
  const connection = await NativeConnection.connect({ address: settings.address });
  const worker = await MainThreadWorker.create({
    connection,
    namespace: settings.namespace,
    taskQueue: settings.taskQueue,
    workflowBundle: { codePath: settings.bundleFile },
  });
  process.once('SIGTERM', () => worker.shutdown());
  process.send?.({ ready: true });
  await worker.run();
  await connection.close();
  process.exit(0);
}

void main();
