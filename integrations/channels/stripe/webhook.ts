import Stripe from 'stripe';
import type { ChannelConfig, ChannelWebhook, RawWebhook, WebhookVerdict } from '../payment-provider';
import { notJson, readAs } from '../../unreadable';
import { disputeNews } from './disputes';
import {
  disputeSchema,
  eventSchema,
  intentSchema,
  namedSchema,
  referenceKey,
  refundSchema,
  type StripeEvent,
} from './messages';
import { refundState } from './refunds';
import { intentStatus } from './transformers';

const ageSecondsMax = 300;

export const stripeWebhook: ChannelWebhook = {
  name: 'stripe',
  acknowledgement: { status: 200, contentType: 'application/json', body: '{"received":true}' },

  verify(config, webhook) {
    return refuseSignature(config, webhook) ?? readEvent(config, webhook.body);
  },
};

function refuseSignature(config: ChannelConfig, webhook: RawWebhook): WebhookVerdict | undefined {
  const header = webhook.headers['stripe-signature'];
  if (header === undefined || header === '') return { kind: 'forged', reason: 'no signature' };
  // The SDK refuses to look at nothing; nothing is no event, whoever signed it.
  if (webhook.body.length === 0) return notJson;
  const [timestamp, ...others] = timestampsIn(header);
  if (others.length > 0) return { kind: 'malformed', reason: 'the signature header does not read' };
  if (!activeSecrets(config).some((secret) => isSigned(webhook.body, header, secret))) {
    return { kind: 'forged', reason: 'no active secret made this signature' };
  }
  // Only now: whether a forged message is stale is nobody's business. The SDK looks at the past only.
  const ageSeconds = Math.abs(webhook.receivedAt.getTime() / 1_000 - Number(timestamp));
  return ageSeconds <= ageSecondsMax ? undefined : { kind: 'stale', reason: 'signed too long ago or ahead' };
}

/** One, as Stripe writes it: of several the SDK takes the last, and before one that was overheard anybody could write. */
function timestampsIn(header: string): string[] {
  return header.split(',').flatMap((part) => /^\s*t=(.*)/.exec(part)?.[1] ?? []);
}

function activeSecrets(config: ChannelConfig): string[] {
  const { webhookSecret, previousWebhookSecret } = config.credentials;
  // An empty secret would verify whatever an attacker signs with an empty one.
  return [webhookSecret, previousWebhookSecret].filter(
    (secret): secret is string => secret !== undefined && secret !== '',
  );
}

const headerLengthMax = 2_048;

function isSigned(body: Buffer, header: string, secret: string): boolean {
  if (header.length > headerLengthMax) return false;
  try {
    return Stripe.webhooks.signature?.verifyHeader(body, header, secret, 0) ?? false;
  } catch {
    return false;
  }
}

const chargeNews = new Set([
  'payment_intent.succeeded',
  'payment_intent.processing',
  'payment_intent.payment_failed',
  'payment_intent.canceled',
  'payment_intent.amount_capturable_updated',
]);
const refundNews = new Set(['refund.created', 'refund.updated', 'refund.failed', 'charge.refund.updated']);
const disputesNews = new Set([
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
]);

const customerNews = new Set([
  'customer.updated',
  'customer.deleted',
  'payment_method.attached',
  'payment_method.detached',
  'payment_method.updated',
  'payment_method.automatically_updated',
]);

function readEvent(config: ChannelConfig, body: Buffer): WebhookVerdict {
  const json = parseJson(body);
  if (json === undefined) return notJson;
  const read = readAs('the event', eventSchema, json);
  if (read.kind === 'malformed') return read;
  const event = read.data;
  if (event.livemode !== (config.mode === 'live')) {
    return { kind: 'forged', reason: "another mode's event" };
  }
  const heading = { eventId: event.id, occurredAt: new Date(event.created * 1_000).toISOString() };
  if (chargeNews.has(event.type)) return readIntent(event.data.object, heading);
  if (refundNews.has(event.type)) return readRefund(event.data.object, heading);
  if (disputesNews.has(event.type)) return readDispute(event.data.object, heading);
  // What is left says names, addresses and the like: only what it was about is kept of it.
  const bodyKept = bareEvent(event);
  const customerRef = customerNews.has(event.type) ? customerOf(event) : undefined;
  if (customerRef === undefined) return { kind: 'irrelevant', eventId: event.id, bodyKept };
  return { kind: 'verified', event: { ...heading, about: 'customer', customerRef }, bodyKept };
}

function bareEvent({ id, type, created, livemode, data }: StripeEvent): Buffer {
  const { id: objectId, object } = namedSchema.safeParse(data.object).data ?? {};
  return Buffer.from(
    JSON.stringify({
      id,
      object: 'event',
      type,
      created,
      livemode,
      data: { object: { id: objectId, object } },
    }),
  );
}

/** A method that was detached says whose it was only by what it was before. */
function customerOf({ type, data }: StripeEvent): string | undefined {
  const named = namedSchema.safeParse(data.object).data;
  if (type.startsWith('customer.')) return named?.id;
  return named?.customer ?? namedSchema.safeParse(data.previous_attributes).data?.customer ?? undefined;
}

interface Heading {
  eventId: string;
  occurredAt: string;
}

function readIntent(body: unknown, heading: Heading): WebhookVerdict {
  const read = readAs('the intent in the event', intentSchema, body);
  if (read.kind === 'malformed') return read;
  const intent = read.data;
  const reference = intent.metadata[referenceKey];
  // An account may serve others than us.
  if (reference === undefined) return { kind: 'irrelevant', eventId: heading.eventId };
  const status = intentStatus(reference, intent);
  return { kind: 'verified', event: { ...heading, about: 'charge', reference, status } };
}

function readRefund(body: unknown, heading: Heading): WebhookVerdict {
  const read = readAs('the refund in the event', refundSchema, body);
  if (read.kind === 'malformed') return read;
  const refund = read.data;
  const reference = refund.metadata?.[referenceKey];
  const chargeRef = refund.payment_intent ?? undefined;
  // One that was made by hand names its charge alone; of neither it is none of ours.
  if (reference === undefined && chargeRef === undefined)
    return { kind: 'irrelevant', eventId: heading.eventId };
  const status = refundState(reference, refund);
  return { kind: 'verified', event: { ...heading, about: 'refund', reference, chargeRef, status } };
}

/** What stands in the dispute is the truth; the five events about it only say when to look. */
function readDispute(body: unknown, heading: Heading): WebhookVerdict {
  const read = readAs('the dispute in the event', disputeSchema, body);
  if (read.kind === 'malformed') return read;
  const dispute = read.data;
  const news = disputeNews(dispute);
  const chargeRef = dispute.payment_intent;
  // What was not charged through a payment intent was not charged by us.
  if (news === 'irrelevant' || chargeRef == null) return { kind: 'irrelevant', eventId: heading.eventId };
  return { kind: 'verified', event: { ...heading, about: 'dispute', chargeRef, dispute: news } };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
