import { startProcess } from '../processes';
import type { LoadReady, LoadReply, LoadReport, LoadRequest, LoadRun } from './contracts';

export interface LoadClient extends LoadReady {
  pid: number;
  run: (run: LoadRun) => Promise<LoadReport>;
  stop: () => Promise<void>;
}

export async function startLoadClient(): Promise<LoadClient> {
  const { child, pid, ready, stop } = await startProcess<LoadReady>('bench/load/load-process');
  const asked = new Map<number, { resolve: (report: LoadReport) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  child.on('message', (reply: LoadReply) => {
    const waiting = asked.get(reply.id);
    asked.delete(reply.id);
    if ('report' in reply) waiting?.resolve(reply.report);
    else waiting?.reject(new Error(reply.error));
  });
  child.once('exit', () => {
    for (const waiting of asked.values()) waiting.reject(new Error('The load generator has ended.'));
    asked.clear();
  });
  return {
    ...ready,
    pid,
    stop,
    run: (run) =>
      new Promise((resolve, reject) => {
        lastId += 1;
        asked.set(lastId, { resolve, reject });
        const request: LoadRequest = { id: lastId, run };
        child.send(request);
      }),
  };
}
