import { createCallbackMetrics } from '../activities/notify/callback-metrics';
import { createCallbackStarter } from '../activities/notify/callback-starter';
import { createCallbackTargets } from '../activities/notify/callback-target';
import { createOutboxRelay } from '../activities/notify/outbox-relay';
import { createSendCallback } from '../activities/notify/send-callback';
import type { Settings } from '../config/settings';
import type { Database } from '../db/pool';
import { createCallbackDelivery } from '../integrations/callbacks/deliver';
import { createEndpointGates } from '../integrations/callbacks/endpoint-gates';
import type { SecretBox } from '../security/secret-box';
import type { Log } from '../telemetry/log';
import type { Metrics } from '../telemetry/metrics';
import type { TaskQueues } from '../workflows/contracts';
import type { Temporal } from './temporal';

/** Everything that brings callbacks to merchants: the relay of this process, and what their workflows need. */
export function createCallbacks(deps: {
  settings: Settings;
  database: Database;
  secretBox: SecretBox;
  temporal: Temporal;
  queues: TaskQueues;
  log: Log;
  metrics: Metrics;
}) {
  const { settings, database, log } = deps;
  const delivery = createCallbackDelivery({
    timeoutMs: settings.CALLBACK_TIMEOUT_MS,
    privateRangesAllowed: settings.CALLBACK_PRIVATE_RANGES_ALLOWED,
  });
  const metrics = createCallbackMetrics(deps.metrics);
  const deliveryDeps = {
    send: createSendCallback({ delivery, metrics }),
    targets: createCallbackTargets({ database, secretBox: deps.secretBox }),
    gates: createEndpointGates({ concurrencyMax: settings.CALLBACK_CONCURRENCY_PER_ENDPOINT }),
  };
  const workflows = createCallbackStarter({
    client: deps.temporal.client,
    queues: deps.queues,
    timings: {
      firstRetryMs: settings.CALLBACK_RETRY_FIRST_MS,
      retryMsMax: settings.CALLBACK_RETRY_MS_MAX,
      retryForMs: settings.CALLBACK_RETRY_FOR_MS,
      tryTimeoutMs: settings.CALLBACK_TIMEOUT_MS,
    },
  });
  const relay = createOutboxRelay({
    ...deliveryDeps,
    database,
    metrics,
    log,
    startCallbackWorkflow: workflows.start,
    settings: {
      pollMs: settings.OUTBOX_POLL_MS,
      tryTimeoutMs: settings.CALLBACK_TIMEOUT_MS,
      drainMs: settings.SHUTDOWN_GRACE_MS,
    },
  });

  return {
    relay,
    deliveryDeps,
    /** By hand: tries an event again at once. */
    resend: workflows.resend,
    resume: workflows.resume,
    async close(): Promise<void> {
      await relay.stop();
      await delivery.close();
    },
  };
}
