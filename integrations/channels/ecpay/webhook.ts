import { createHash } from 'node:crypto';
import type { ChannelConfig, ChannelWebhook, WebhookVerdict } from '../payment-provider';
import { readAs } from '../../unreadable';
import { notificationKeys, readAccount } from './account';
import { isSignedBy } from './check-mac-value';
import { noticeSchema, readForm, type EcpayNotice } from './messages';
import { instantOf } from './taipei-time';
import { merchantTradeNo } from './trade-number';
import { noticeStatus } from './transformers';

/**
 * A notification carries no time of its own, only when it was paid, and what was paid by barcode is told two days
 * later. Repeats are recognised by their event id; this only bounds how old one may be.
 */
const ageMsMax = 10 * 86_400_000;
const aheadMsMax = 300_000;

export const ecpayWebhook: ChannelWebhook = {
  name: 'ecpay',
  acknowledgement: { status: 200, contentType: 'text/plain', body: '1|OK' },

  verify(config, webhook) {
    const fields = readForm(webhook.body.toString('utf8'));
    return refuseCode(config, fields) ?? readNotice(config, fields, webhook.receivedAt);
  },
};

function refuseCode(config: ChannelConfig, fields: ReadonlyMap<string, string>): WebhookVerdict | undefined {
  // A live channel with keys that everybody knows could be told anything by anybody.
  if (!readAccount(config).ok) return { kind: 'forged', reason: 'the channel is not configured' };
  if (!fields.has('CheckMacValue')) return { kind: 'forged', reason: 'no CheckMacValue' };
  if (isForm(fields)) return { kind: 'forged', reason: 'a form of ours, not a notification' };
  return isSignedBy(notificationKeys(config), fields)
    ? undefined
    : { kind: 'forged', reason: 'no active key made this CheckMacValue' };
}

/**
 * Our forms are signed with the same keys and given to everybody. Theirs is the field whose name comes first, which no
 * cutting of the signed text takes away; and the code is the same for capitals and small letters.
 */
function isForm(fields: ReadonlyMap<string, string>): boolean {
  return [...fields.keys()].some((name) => name.toLowerCase() === 'choosepayment');
}

function readNotice(config: ChannelConfig, fields: Map<string, string>, receivedAt: Date): WebhookVerdict {
  const read = readAs('the notification', noticeSchema, Object.fromEntries(fields));
  if (read.kind === 'malformed') return read;
  const notice = read.data;
  const occurredAt = instantOf(notice.PaymentDate || notice.TradeDate);
  if (occurredAt === undefined) {
    return { kind: 'malformed', reason: 'the notification does not read: PaymentDate: no such moment' };
  }
  if (notice.MerchantID !== config.credentials['merchantId']) {
    return { kind: 'forged', reason: "another merchant's notification" };
  }
  const ageMs = receivedAt.getTime() - occurredAt.getTime();
  if (ageMs > ageMsMax || ageMs < -aheadMsMax) {
    return { kind: 'stale', reason: 'of a payment too long ago or ahead' };
  }
  const eventId = eventIdOf(notice);
  // Nobody paid: it was sent by hand to try the address out.
  if (notice.SimulatePaid === '1') return { kind: 'irrelevant', eventId };
  const reference = notice.CustomField1 ?? '';
  // Another system's trade on the same account.
  if (merchantTradeNo(reference) !== notice.MerchantTradeNo) return { kind: 'irrelevant', eventId };
  const status = noticeStatus(notice, Object.fromEntries(fields));
  return {
    kind: 'verified',
    event: { eventId, occurredAt: occurredAt.toISOString(), about: 'charge', reference, status },
  };
}

/** ECPay numbers no notification. A repeat differs in its message's wording, so that is left out. */
function eventIdOf({ MerchantTradeNo, TradeNo, RtnCode, TradeAmt, SimulatePaid }: EcpayNotice): string {
  const named = [MerchantTradeNo, TradeNo, RtnCode, TradeAmt, SimulatePaid ?? '0'].join('\n');
  return `ec_${createHash('sha256').update(named).digest('hex').slice(0, 32)}`;
}
