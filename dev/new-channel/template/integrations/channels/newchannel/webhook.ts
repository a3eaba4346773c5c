import type {
  ChannelConfig,
  ChannelWebhook,
  RawWebhook,
  WebhookVerdict,
} from '../../../../../../integrations/channels/payment-provider';
import { refundState } from './refunds';
import { readSignature } from './signature';
import { chargeState } from './transformers';
import { unwritten } from './unwritten';

/** To change: how long after it was signed an event is taken. */
const ageMsMax = 300_000;

export const newchannelWebhook: ChannelWebhook = {
  name: 'newchannel',
  /** To change: what it must read to stop repeating. */
  acknowledgement: { status: 200, contentType: 'application/json', body: '{}' },

  verify(config, webhook) {
    return refuseSignature(config, webhook) ?? readEvent(config, webhook.body);
  },
};

function refuseSignature(config: ChannelConfig, webhook: RawWebhook): WebhookVerdict | undefined {
  const signature = readSignature(webhook);
  if (signature.kind !== 'signature') return signature;
  // Tries every secret and stops at none, so that the time taken tells nothing about which one was near.
  const matches = activeSecrets(config).filter((secret) => signature.isBy(secret));
  if (matches.length === 0) return { kind: 'forged', reason: 'no active secret made this signature' };
  // Only now: whether a forged message is stale is nobody's business.
  const ageMs = Math.abs(webhook.receivedAt.getTime() - signature.signedAt.getTime());
  return ageMs > ageMsMax ? { kind: 'stale', reason: 'signed too long ago or ahead' } : undefined;
}

function activeSecrets(config: ChannelConfig): string[] {
  const { webhookSecret, previousWebhookSecret } = config.credentials;
  // An empty secret would verify whatever an attacker signs with an empty one.
  return [webhookSecret, previousWebhookSecret].filter(
    (secret): secret is string => secret !== undefined && secret !== '',
  );
}

function readEvent(config: ChannelConfig, body: Buffer): WebhookVerdict {
  const news = readNews(config, body);
  if (news.kind !== 'news') return news;
  const { eventId, occurredAt, about, reference } = news;
  if (about === 'charge') {
    const status = chargeState(reference, news.charge);
    return { kind: 'verified', event: { eventId, occurredAt, about, reference, status } };
  }
  const { chargeReference } = news;
  const status = refundState(news, news.refund);
  return { kind: 'verified', event: { eventId, occurredAt, about, reference, chargeReference, status } };
}

/** What an event is about; the charge or refund in it is still as NewChannel words it. */
type News = { kind: 'news'; eventId: string; occurredAt: string } & (
  | { about: 'charge'; reference: string; charge: unknown }
  | { about: 'refund'; chargeReference: string; reference: string; refund: unknown }
);

/**
 * To write: parse it with zod; what does not parse is `malformed`, another merchant's is `forged`, and what payments
 * do not care about is `irrelevant`.
 */
function readNews(
  _config: ChannelConfig,
  _body: Buffer,
): News | Exclude<WebhookVerdict, { kind: 'verified' }> {
  return { kind: 'malformed', reason: unwritten('how an event reads', 'webhook.ts').message };
}
