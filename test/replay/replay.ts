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
  const byName = new Map(histories.map((recorded) => [recorded.name, recorded]));
  const results: Replayed[] = [];
  const replaying = Worker.runReplayHistories(
    { workflowBundle: { codePath: bundleFile }, dataConverter: { failureConverterPath } },
    histories.map(({ name, history }) => ({ workflowId: name, history })),
  );
  for await (const { workflowId, error } of replaying) {
    results.push({
      name: workflowId,
      problem: error && { eventId: eventIn(error.message, byName.get(workflowId)), message: error.message },
    });
  }
  return results;
}

/** Core names the event only in its message: `HistoryEvent(id: 5, …)`, or the local activity it is the marker of. */
function eventIn(message: string, recorded: RecordedHistory | undefined): number | undefined {
  const id = /HistoryEvent\(id: (\d+)/.exec(message)?.[1];
  if (id !== undefined) return Number(id);
  const step = /LocalActivity\((\d+)\)/.exec(message)?.[1];
  const marker = recorded?.history.events?.find(({ markerRecordedEventAttributes: attributes }) => {
    const data = attributes?.details?.data?.payloads?.[0]?.data;
    return data != null && Buffer.from(data).toString('utf8').includes(`"seq":${step},`);
  });
  return marker?.eventId == null ? undefined : Number(marker.eventId);
}
