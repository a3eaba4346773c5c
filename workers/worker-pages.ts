import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Database } from '../db/pool';
import { pendingMigrations } from '../db/migration-state';
import { check, NotReady } from '../telemetry/check';
import type { Metrics } from '../telemetry/metrics';
import { answerJson, pathOf } from './front';

export interface WorkerPagesDeps {
  database: Database;
  metrics: Metrics;
  temporalHealth: () => Promise<void>;
  isStopping: () => boolean;
}

/** What a worker shows: nobody asks it for anything else. */
export function workerPages({
  database,
  metrics,
  temporalHealth,
  isStopping,
}: WorkerPagesDeps): RequestListener {
  return (request, response) => {
    answer(request, response).catch(() => response.destroy());
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    switch (pathOf(request)) {
      case '/healthz':
        return answerJson(response, 200, { status: 'ok' });
      case '/readyz': {
        const found = await readiness();
        return answerJson(response, found.status === 'ready' ? 200 : 503, found);
      }
      case '/metrics': {
        const text = await metrics.registry.metrics();
        response.writeHead(200, { 'Content-Type': metrics.registry.contentType });
        response.end(text);
        return;
      }
      default:
        unknownPage(request, response);
    }
  }

  async function readiness() {
    if (isStopping()) return { status: 'shutting_down', checks: {}, warnings: [] };
    const [reached, migrations, temporal] = await Promise.all([
      check('database', async () => void (await database.query('select 1'))),
      check('migrations', async () => {
        const pending = await pendingMigrations(database);
        if (pending.length > 0) throw new NotReady(`pending: ${pending.join(', ')}; run npm run migrate`);
      }),
      check('temporal', temporalHealth),
    ]);
    const checks = { database: reached, migrations, temporal };
    const isReady = Object.values(checks).every(({ ok }) => ok);
    return { status: isReady ? 'ready' : 'not_ready', checks, warnings: [] };
  }
}

export const unknownPage: RequestListener = (_request, response) =>
  answerJson(response, 404, { message: 'There are /healthz, /readyz and /metrics.' });
