import type { ChannelConfig, ChannelWebhook, RawWebhook, WebhookVerdict } from '../payment-provider';
import { notJson, readAs } from '../../unreadable';
import { instantOf, notificationSchema, refundSchema, tradeSchema, type TpayNotification } from './messages';
import { refundState } from './refunds';
import { isSignedBy, parseNotificationSignature } from './signature';
import { tradeStatus } from './transformers';

const ageSecondsMax = 300;

export const tpayWebhook: ChannelWebhook = {
  name: 'tpay',
  acknowledgement: { status: 200, contentType: 'application/json', body: '{"code":"0000"}' },

  verify(config, webhook) {
    return refuseSignature(config, webhook) ?? readNotification(config, webhook.body);
  },
};

function refuseSignature(config: ChannelConfig, webhook: RawWebhook): WebhookVerdict | undefined {
  if (!webhook.headers['x-signature']) return { kind: 'forged', reason: 'no signature' };
  const given = parseNotificationSignature(webhook.headers);
  if (given === undefined) return { kind: 'malformed', reason: 'the signature headers do not read' };
  if (!isSignedBy(activeKeys(config), given, webhook.body)) {
    return { kind: 'forged', reason: 'no active key made this signature' };
  }
  // Only now: whether a forged message is stale is nobody's business.
  const ageSeconds = Math.abs(webhook.receivedAt.getTime() / 1_000 - Number(given.timestamp));
  return ageSeconds > ageSecondsMax ? { kind: 'stale', reason: 'signed too long ago or ahead' } : undefined;
}

function activeKeys(config: ChannelConfig): string[] {
  const { notifyKey, previousNotifyKey } = config.credentials;
  // An empty key would verify whatever an attacker signs with an empty one.
  return [notifyKey, previousNotifyKey].filter((key): key is string => key !== undefined && key !== '');
}

const tradeNews = new Set(['TRADE_SUCCESS', 'TRADE_FAIL', 'TRADE_CLOSED']);
const refundNews = new Set(['REFUND_SUCCESS', 'REFUND_FAIL']);

function readNotification(config: ChannelConfig, body: Buffer): WebhookVerdict {
  const json = parseJson(body);
  if (json === undefined) return notJson;
  const read = readAs('the notification', notificationSchema, json);
  if (read.kind === 'malformed') return read;
  const notification = read.data;
  const occurredAt = instantOf(notification.notify_time);
  if (occurredAt === undefined) {
    return { kind: 'malformed', reason: 'the notification does not read: notify_time: no such moment' };
  }
  if (notification.app_id !== config.credentials['appId']) {
    return { kind: 'forged', reason: "another app's notification" };
  }
  const { notify_id: eventId, notify_type: type } = notification;
  if (tradeNews.has(type)) return readTrade(notification, { eventId, occurredAt });
  if (refundNews.has(type)) return readRefund(notification, { eventId, occurredAt });
  return { kind: 'irrelevant', eventId };
}

interface Heading {
  eventId: string;
  occurredAt: string;
}

function readTrade(notification: TpayNotification, heading: Heading): WebhookVerdict {
  const read = readAs('the trade in it', tradeSchema, notification.trade);
  if (read.kind === 'malformed') return read;
  const trade = read.data;
  const reference = trade.out_trade_no;
  return {
    kind: 'verified',
    event: { ...heading, about: 'charge', reference, status: tradeStatus(reference, trade) },
  };
}

function readRefund(notification: TpayNotification, heading: Heading): WebhookVerdict {
  const read = readAs('the refund in it', refundSchema, notification.refund);
  if (read.kind === 'malformed') return read;
  const refund = read.data;
  const { out_refund_no: reference, out_trade_no: chargeReference } = refund;
  return {
    kind: 'verified',
    event: {
      ...heading,
      about: 'refund',
      reference,
      chargeReference,
      status: refundState({ chargeReference, reference }, refund),
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
