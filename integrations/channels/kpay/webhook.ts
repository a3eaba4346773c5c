import type { z } from 'zod';
import type { DisputeNews } from '../../../domain/payment/outcome';
import type { ChannelConfig, ChannelWebhook, RawWebhook, WebhookVerdict } from '../payment-provider';
import { notJson, readAs } from '../../unreadable';
import { disputeSchema, eventSchema, orderSchema, refundSchema, type KpayOrder } from './messages';
import { refundState } from './refunds';
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

type News = z.infer<typeof eventSchema>;

/** What payments care about. The messages inside are the truth, an event's name is not. */
const readers: Record<string, (event: News, order: KpayOrder) => WebhookVerdict> = {
  'payment.authorized': chargeNews,
  'payment.paid': chargeNews,
  'payment.failed': chargeNews,
  'payment.expired': chargeNews,
  'refund.succeeded': refundNews,
  'refund.failed': refundNews,
  'dispute.opened': disputeNews,
  'dispute.won': disputeNews,
  'dispute.lost': disputeNews,
};

function readEvent(config: ChannelConfig, body: Buffer): WebhookVerdict {
  const json = parseJson(body);
  if (json === undefined) return notJson;
  const read = readAs('the event', eventSchema, json);
  if (read.kind === 'malformed') return read;
  const event = read.data;
  const reader = Object.hasOwn(readers, event.type) ? readers[event.type] : undefined;
  if (reader === undefined) return { kind: 'irrelevant', eventId: event.id };
  const named = readAs('the order in the event', orderSchema, event.data.order);
  if (named.kind === 'malformed') return named;
  const order = named.data;
  if (order.merchant_id !== config.credentials['merchantId']) {
    return { kind: 'forged', reason: "another merchant's event" };
  }
  return reader(event, order);
}

function chargeNews(event: News, order: KpayOrder): WebhookVerdict {
  const reference = order.merchant_order_no;
  const status = orderStatus(reference, order);
  return { kind: 'verified', event: { ...heading(event), about: 'charge', reference, status } };
}

function refundNews(event: News, order: KpayOrder): WebhookVerdict {
  const read = readAs('the refund in the event', refundSchema, event.data.refund);
  if (read.kind === 'malformed') return read;
  const refund = read.data;
  if (refund.merchant_order_no !== order.merchant_order_no) return ofAnother('refund');
  const { refund_no: reference, merchant_order_no: chargeReference } = refund;
  const status = refundState({ reference }, refund);
  return {
    kind: 'verified',
    event: { ...heading(event), about: 'refund', reference, chargeReference, status },
  };
}

const disputeStates: Record<string, DisputeNews['state']> = { open: 'opened', won: 'won', lost: 'lost' };

function disputeNews(event: News, order: KpayOrder): WebhookVerdict {
  const read = readAs('the dispute in the event', disputeSchema, event.data.dispute);
  if (read.kind === 'malformed') return read;
  const dispute = read.data;
  if (dispute.merchant_order_no !== order.merchant_order_no) return ofAnother('dispute');
  const state = Object.hasOwn(disputeStates, dispute.status) ? disputeStates[dispute.status] : undefined;
  if (state === undefined) return { kind: 'irrelevant', eventId: event.id };
  const news: DisputeNews = {
    providerRef: dispute.dispute_id,
    state,
    amountMinor: String(dispute.amount),
    currency: dispute.currency,
    reasonCode: dispute.reason_code,
    ...(dispute.evidence_due_at == null ? {} : { evidenceDueAt: dispute.evidence_due_at }),
  };
  const reference = order.merchant_order_no;
  return { kind: 'verified', event: { ...heading(event), about: 'dispute', reference, dispute: news } };
}

function ofAnother(what: string): WebhookVerdict {
  return { kind: 'malformed', reason: `the ${what} in the event is of another order` };
}

function heading(event: News) {
  return { eventId: event.id, occurredAt: event.created_at };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
