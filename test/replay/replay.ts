import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { failureConverterPath } from '../../workers/temporal';
import type { RecordedHistory } from './history-files';

export interface Replayed {
  name: string;
  /** Undefined if today's code did just what the history says. */
  problem?: { eventId?: number; message: string };
}

/** What goes wrong is reported once, by who replays; the SDK would log it as well. */
export function installReplayRuntime(): void {
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: { level: 'ERROR' } } },
  });
}

/** Runs the workflows of a bundle through histories, one after the other. Payloads are recorded decoded. */
export async function replay(bundleFile: string, histories: readonly RecordedHistory[]): Promise<Replayed[]> {
  const results: Replayed[] = [];
  const replaying = Worker.runReplayHistories(
    { workflowBundle: { codePath: bundleFile }, dataConverter: { failureConverterPath } },
    histories.map(({ name, history }) => ({ workflowId: name, history })),
  );
  for await (const { workflowId, error } of replaying) {
    results.push({
      name: workflowId,
      problem: error && { eventId: eventIn(error.message), message: error.message },
    });
  }
  return results;
}

/** Core names the event only in its message: `HistoryEvent(id: 5, MarkerRecorded)`. */
function eventIn(message: string): number | undefined {
  const id = /HistoryEvent\(id: (\d+)/.exec(message)?.[1];
  return id === undefined ? undefined : Number(id);
}
