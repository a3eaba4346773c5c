import type { MessageDeps } from '../activities/message/deps';
import { createTakeNews } from '../activities/message/take-news';
import type { Settings } from '../config/settings';
import type { Database } from '../db/pool';
import { messagePlace } from '../db/stores/messages-store';
import { publicId } from '../domain/ids';
import { deliveryWebhooks } from '../integrations/messaging/webhooks';
import type { SecretBox } from '../security/secret-box';
import type { Log } from '../telemetry/log';
import type { Metrics } from '../telemetry/metrics';
import type { createServices } from './services';

/** What messages need, put together for activities and for the webhooks that bring news of them. */
export function createMessaging(deps: {
  settings: Settings;
  database: Database;
  secretBox: SecretBox;
  services: ReturnType<typeof createServices>;
  log: Log;
  metrics: Metrics;
}) {
  const { settings, database, secretBox, services } = deps;
  const statuses = deps.metrics.counter({
    name: 'durapay_messages_total',
    help: 'Mail and SMS by service and each status they came to: delivered over sent is the delivery rate.',
    labels: ['kind', 'service', 'status'],
  });
  const activityDeps: MessageDeps = {
    database,
    serviceOf: services.serviceOf,
    serviceNamed: services.serviceNamed,
    callByPreference: services.callByPreference,
    openContent: (messageId, sealed) => secretBox.openText(sealed, messagePlace(messageId)),
    newsUrl: (serviceId, messageId) =>
      `${settings.API_PUBLIC_URL}/api/v1/webhooks/messages/${publicId('service', serviceId)}` +
      `?message=${publicId('message', messageId)}`,
    counted: ({ kind, serviceName = 'none' }, status) => statuses.inc({ kind, service: serviceName, status }),
    log: deps.log,
    timings: {
      firstLookMs: settings.MESSAGE_FIRST_LOOK_MS,
      doubtMs: settings.MESSAGE_DOUBT_MS,
      deadLetterRetryMs: settings.MESSAGE_DEAD_LETTER_RETRY_MS,
    },
  };
  return {
    activityDeps,
    takeNews: createTakeNews(activityDeps),
    webhookOf: (kind: string) => deliveryWebhooks.find((webhook) => webhook.kind === kind),
  };
}
