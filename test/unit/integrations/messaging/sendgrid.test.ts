import { sign } from 'node:crypto';
import { postboxAccounts } from '../../../../dev/sandboxes/postbox/account';
import type { HttpExchange } from '../../../../integrations/http-exchange';
import {
  classifySendgrid,
  sendOutcome,
  testOutcome,
} from '../../../../integrations/messaging/sendgrid/transformers';
import { sendgridWebhook } from '../../../../integrations/messaging/sendgrid/webhook';

const answered = (status: number, body: unknown, headers: Record<string, string> = {}): HttpExchange => ({
  kind: 'answered',
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers,
});
const refusal = (field: string | null) => ({ errors: [{ message: 'no', field, help: null }] });

describe('what an answer to a mail means', () => {
  it.each<[string, HttpExchange, object]>([
    ['taken', answered(202, '', { 'x-message-id': 'abc' }), { kind: 'ok', value: { providerRef: 'abc' } }],
    ['taken, and nothing says as what', answered(202, ''), { kind: 'unknown' }],
    ['validated only', answered(200, {}), { kind: 'unknown' }],
    ['a page in between', answered(200, '<html>'), { kind: 'unknown', code: 'answer_unreadable' }],
    [
      'not an address',
      answered(400, refusal('personalizations.0.to.0.email')),
      { kind: 'declined', code: 'recipient_invalid' },
    ],
    ['something about it', answered(400, refusal('subject')), { kind: 'declined', code: 'request_rejected' }],
    ['a sender that is not verified', answered(403, refusal('from')), { kind: 'misconfigured' }],
    ['a sender that is not allowed', answered(400, refusal('from.email')), { kind: 'misconfigured' }],
    ['a wrong key', answered(401, refusal(null)), { kind: 'misconfigured' }],
    ['too large', answered(413, 'too large'), { kind: 'declined' }],
    ['too many', answered(429, refusal(null)), { kind: 'retryable', code: 'rate_limited' }],
    ['not available', answered(503, ''), { kind: 'retryable', code: 'channel_unavailable' }],
    ['broken', answered(500, refusal(null)), { kind: 'unknown', code: 'provider_error' }],
    ['no connection', { kind: 'not_sent', reason: 'refused', message: '' }, { kind: 'retryable' }],
    ['no answer', { kind: 'in_doubt', reason: 'timeout', message: '' }, { kind: 'unknown', code: 'timeout' }],
  ])('%s', (_name, exchange, expected) => {
    expect(sendOutcome(classifySendgrid(exchange))).toMatchObject(expected);
  });

  it.each([
    ['a key that may send', { scopes: ['mail.send'] }, 'ok'],
    ['a key that may not', { scopes: ['stats.read'] }, 'misconfigured'],
    ['another server', { hello: 'world' }, 'unknown'],
  ])('tested: %s', (_name, body, kind) => {
    expect(testOutcome(classifySendgrid(answered(200, body))).kind).toBe(kind);
  });
});

describe('the signed event webhook', () => {
  /** The example of SendGrid's own libraries. */
  it("verifies the vendor's example", () => {
    const body = Buffer.from('{"category":"example_payload","event":"test_event","message_id":"message_id"}');
    const verdict = sendgridWebhook.verify(
      {
        webhookPublicKey:
          'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEDr2LjtURuePQzplybdC+u4CwrqDqBaWjcMMsTbhdbcwHBcepxo7yAQGhHPTnlvFYPAZFceEu/1FwCM/QmGUhA==',
      },
      {
        body,
        url: '',
        receivedAt: new Date(1_588_788_367_000),
        headers: {
          'x-twilio-email-event-webhook-timestamp': '1588788367',
          'x-twilio-email-event-webhook-signature':
            'MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH2j/0=',
        },
      },
    );
    // Signed well, and no list of events.
    expect(verdict).toMatchObject({ kind: 'malformed' });
  });

  const now = new Date('2026-11-21T12:00:00Z');
  const event = {
    event: 'delivered',
    sg_event_id: 'e1',
    sg_message_id: 'abc.recvd-1',
    timestamp: 1_700_000_000,
    durapay_message: 'msg_1',
    email: 'tea@example.com',
  };

  function delivery(events: unknown, at = now) {
    const body = Buffer.from(typeof events === 'string' ? events : JSON.stringify(events));
    const timestamp = String(Math.floor(at.getTime() / 1_000));
    const signature = sign(
      'sha256',
      Buffer.concat([Buffer.from(timestamp), body]),
      postboxAccounts.sendgridKey,
    );
    return {
      body,
      url: '',
      receivedAt: now,
      headers: {
        'x-twilio-email-event-webhook-timestamp': timestamp,
        'x-twilio-email-event-webhook-signature': signature.toString('base64'),
      },
    };
  }
  const configuration = { webhookPublicKey: postboxAccounts.sendgridPublicKey };
  const verify = (given: ReturnType<typeof delivery>, configured: object = configuration) =>
    sendgridWebhook.verify(configured as Record<string, string>, given);

  it.each([
    ['processed', 'sent'],
    ['deferred', 'sent'],
    ['delivered', 'delivered'],
    ['bounce', 'undelivered'],
    ['dropped', 'undelivered'],
  ])('%s is %s', (word, kind) => {
    expect(verify(delivery([{ ...event, event: word }]))).toMatchObject({
      kind: 'verified',
      events: [{ eventId: 'e1', reference: 'msg_1', providerRef: 'abc', fate: { kind, providerRef: 'abc' } }],
    });
  });

  it('leaves out what is no news of a delivery', () => {
    const events = ['open', 'click', 'spamreport', 'unsubscribe', 'levitated'].map((word) => ({
      ...event,
      event: word,
    }));
    expect(verify(delivery(events))).toEqual({ kind: 'verified', events: [] });
  });

  it('refuses what is forged, stale or not to be read', () => {
    const genuine = delivery([event]);
    const changed = { ...genuine, body: Buffer.from(JSON.stringify([{ ...event, event: 'bounce' }])) };
    expect(verify(changed).kind).toBe('forged');
    expect(verify({ ...genuine, headers: {} as never }).kind).toBe('forged');
    expect(verify(genuine, {}).kind).toBe('forged');
    expect(verify(genuine, { webhookPublicKey: '' }).kind).toBe('forged');
    expect(verify(genuine, { webhookPublicKey: 'AAAA' }).kind).toBe('forged');
    expect(verify(delivery([event], new Date(now.getTime() - 2 * 86_400_000))).kind).toBe('stale');
    expect(verify(delivery([event], new Date(now.getTime() + 600_000))).kind).toBe('stale');
    expect(verify(delivery('<html>')).kind).toBe('malformed');
    expect(verify(delivery([{ event: 'delivered' }])).kind).toBe('malformed');
  });

  it('keeps taking the key from before a rotation', () => {
    const rotated = { webhookPublicKey: '', previousWebhookPublicKey: postboxAccounts.sendgridPublicKey };
    expect(verify(delivery([event]), rotated).kind).toBe('verified');
  });
});
