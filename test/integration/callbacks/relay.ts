import { createCallbackTargets } from '../../../activities/notify/callback-target';
import {
  createOutboxRelay,
  type OutboxRelay,
  type OutboxRelaySettings,
} from '../../../activities/notify/outbox-relay';
import { createSendCallback } from '../../../activities/notify/send-callback';
import { createCallbackMetrics } from '../../../activities/notify/callback-metrics';
import type { StartCallbackWorkflow } from '../../../activities/notify/workflow-starts';
import type { Database } from '../../../db/pool';
import { createCallbackDelivery } from '../../../integrations/callbacks/deliver';
import {
  createEndpointGates,
  type EndpointGatesOptions,
} from '../../../integrations/callbacks/endpoint-gates';
import { createLog } from '../../../telemetry/log';
import { createMetrics } from '../../../telemetry/metrics';
import { secretBox } from './outbox';

export interface RelayUnderTest {
  relay: OutboxRelay;
  metrics: () => Promise<string>;
  stop: () => Promise<void>;
}

export function createTestRelay(options: {
  database: Database;
  startCallbackWorkflow?: StartCallbackWorkflow;
  settings?: Partial<OutboxRelaySettings>;
  gates?: Partial<EndpointGatesOptions>;
}): RelayUnderTest {
  const settings = { pollMs: 50, tryTimeoutMs: 3_000, drainMs: 2_000, ...options.settings };
  const delivery = createCallbackDelivery({
    timeoutMs: settings.tryTimeoutMs,
    privateRangesAllowed: ['127.0.0.0/8'],
  });
  const registry = createMetrics();
  const metrics = createCallbackMetrics(registry);
  const relay = createOutboxRelay({
    database: options.database,
    send: createSendCallback({ delivery, metrics }),
    targets: createCallbackTargets({ database: options.database, secretBox }),
    gates: createEndpointGates({ concurrencyMax: 8, waitMsMax: 60_000, ...options.gates }),
    startCallbackWorkflow: options.startCallbackWorkflow ?? (() => Promise.resolve()),
    metrics,
    log: createLog({ level: process.env.LOG_LEVEL ?? 'silent', process: 'test' }),
    settings,
  });
  return {
    relay,
    metrics: () => registry.registry.metrics(),
    async stop() {
      await relay.stop();
      await delivery.close();
    },
  };
}
