import type { ChannelConfig, ChannelWebhook, RawWebhook, WebhookVerdict } from '../payment-provider';
import { eventSchema, orderSchema } from './messages';
import { isSignedBy, parseWebhookSignature } from './signature';
import { orderStatus } from './transformers';

const ageSecondsMax = 300;

export const kpayWebhook: ChannelWebhook = {
  name: 'kpay',
  acknowledgement: { status: 200, contentType: 'application/json', body: '{"received":true}' },

  verify(config, webhook) {
    const refusal = refuseSignature(config, webhook);
    return refusal ?? readEvent(config, webhook.body);
  },
};

function refuseSignature(config: ChannelConfig, webhook: RawWebhook): WebhookVerdict | undefined {
  const header = webhook.headers['x-signature'];
  if (header === undefined || header === '') return { kind: 'forged', reason: 'no signature' };
  const signature = parseWebhookSignature(header);
  if (signature === undefined) return { kind: 'malformed', reason: 'the signature header does not read' };
  if (!isSignedBy(activeSecrets(config), signature, webhook.body)) {
    return { kind: 'forged', reason: 'no active secret made this signature' };
  }
  // Only now: whether a forged message is stale is nobody's business.
  const ageSeconds = Math.abs(webhook.receivedAt.getTime() / 1_000 - signature.timestamp);
  return ageSeconds > ageSecondsMax ? { kind: 'stale', reason: 'signed too long ago or ahead' } : undefined;
}

function activeSecrets(config: ChannelConfig): string[] {
  const { webhookSecret, previousWebhookSecret } = config.credentials;
  // An empty secret would verify whatever an attacker signs with an empty one.
  return [webhookSecret, previousWebhookSecret].filter(
    (secret): secret is string => secret !== undefined && secret !== '',
  );
}

/** What KPay calls the end of a payment; the order inside says what the end was. */
const paymentEvents = new Set(['payment.paid', 'payment.failed', 'payment.expired']);

function readEvent(config: ChannelConfig, body: Buffer): WebhookVerdict {
  const event = eventSchema.safeParse(parseJson(body)).data;
  if (event === undefined) return { kind: 'malformed', reason: 'the event does not read' };
  if (!paymentEvents.has(event.type)) return { kind: 'irrelevant', eventId: event.id };
  const order = orderSchema.safeParse(event.data.order).data;
  if (order === undefined) return { kind: 'malformed', reason: 'the order in the event does not read' };
  if (order.merchant_id !== config.credentials['merchantId']) {
    return { kind: 'forged', reason: "another merchant's event" };
  }
  return {
    kind: 'verified',
    event: {
      eventId: event.id,
      reference: order.merchant_order_no,
      about: 'charge',
      occurredAt: event.created_at,
      status: orderStatus(order.merchant_order_no, order),
    },
  };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
