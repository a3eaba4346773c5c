import { createHmac, sign } from 'node:crypto';
import type { Faults } from '../parts/faults';
import type { WebhookEvent } from '../parts/journal';
import { createWebhookSender } from '../parts/webhook-sender';
import type { PostboxAccounts } from './account';
import type { Book } from './book';
import { derivedHex, fateOfAddress, type Letter } from './letter';

export interface CourierOptions {
  accounts: PostboxAccounts;
  book: Book;
  faults: Faults;
  now: () => number;
  deliverMs: number;
  retryFirstMs: number;
  onEvent: (event: WebhookEvent) => void;
  onSettled: (event: WebhookEvent) => void;
}

export interface Courier {
  /** Delivers it after a while, and tells who wants to know. */
  carry(letter: Letter): void;
  /** News that an earlier run did not bring. */
  resume(events: readonly WebhookEvent[]): void;
  readonly pending: number;
  stop(): Promise<void>;
}

/** What happens to a letter after it was taken, and how each provider tells of it. */
export function createCourier(options: CourierOptions): Courier {
  const { accounts, book, faults, now, retryFirstMs, onSettled } = options;
  const common = { faults, now, retryFirstMs, onSettled };
  const isTaken = (status: number) => status >= 200 && status < 300;
  const sendgrid = createWebhookSender({
    ...common,
    isTaken,
    headers(body, at) {
      const timestamp = String(Math.floor(at / 1_000));
      const signature = sign('sha256', Buffer.from(timestamp + body), accounts.sendgridKey);
      return {
        'x-twilio-email-event-webhook-timestamp': timestamp,
        'x-twilio-email-event-webhook-signature': signature.toString('base64'),
      };
    },
  });
  const twilio = createWebhookSender({
    ...common,
    isTaken,
    headers: (body, _at, url) => ({
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': twilioSignature(accounts.twilio.authToken, url, body),
    }),
  });
  const timers = new Set<NodeJS.Timeout>();

  function carry(letter: Letter): void {
    const fate = fateOfAddress(letter.to);
    if (fate === 'silent') return;
    tell(letter, 'taken');
    const timer = setTimeout(() => {
      timers.delete(timer);
      book.end(letter, fate);
      tell(letter, fate);
    }, options.deliverMs);
    timer.unref();
    timers.add(timer);
  }

  function tell(letter: Letter, what: Letter['status']): void {
    if (letter.newsUrl === null || letter.provider === 'aliyun') return;
    const event: WebhookEvent = {
      id: `${letter.orderNo}/${what}`,
      type: letter.provider,
      orderNo: letter.orderNo,
      notifyUrl: letter.newsUrl,
      body: letter.provider === 'sendgrid' ? sendgridBody(letter, what, now()) : twilioBody(letter, what),
      createdAt: now(),
    };
    options.onEvent(event);
    send(event);
  }

  function send(event: WebhookEvent): void {
    (event.type === 'sendgrid' ? sendgrid : twilio).send(event);
  }

  function twilioBody(letter: Letter, what: Letter['status']): string {
    return new URLSearchParams({
      AccountSid: accounts.twilio.accountSid,
      ApiVersion: '2010-04-01',
      From: letter.from,
      MessageSid: letter.orderNo,
      MessageStatus: what === 'taken' ? 'sent' : what,
      SmsSid: letter.orderNo,
      To: letter.to,
      ...(what === 'undelivered' ? { ErrorCode: '30003' } : {}),
    }).toString();
  }

  return {
    carry,
    resume: (events) => events.forEach(send),
    get pending() {
      return sendgrid.pending + twilio.pending + timers.size;
    },
    async stop() {
      for (const timer of timers) clearTimeout(timer);
      await Promise.all([sendgrid.stop(), twilio.stop()]);
    },
  };
}

function sendgridBody(letter: Letter, what: Letter['status'], at: number): string {
  const event = { taken: 'processed', delivered: 'delivered', undelivered: 'bounce' }[what];
  return JSON.stringify([
    {
      email: letter.to,
      timestamp: Math.floor(at / 1_000),
      event,
      sg_event_id: derivedHex(22, letter.orderNo, event),
      sg_message_id: `${letter.orderNo}.recvd-sandbox-1`,
      durapay_message: letter.reference,
      ...(what === 'undelivered' ? { status: '5.1.1', type: 'bounce', reason: '550 no such user' } : {}),
    },
  ]);
}

/** Twilio's own way: the address, then each field with its value in the order of the names, under HMAC-SHA1. */
export function twilioSignature(token: string, url: string, body: string): string {
  const fields = [...new URLSearchParams(body)].sort(([left], [right]) => (left < right ? -1 : 1));
  const text = url + fields.map(([name, value]) => name + value).join('');
  return createHmac('sha1', token).update(text).digest('base64');
}
