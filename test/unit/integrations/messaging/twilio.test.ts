import { postboxAccounts } from '../../../../dev/sandboxes/postbox/account';
import { twilioSignature } from '../../../../dev/sandboxes/postbox/courier';
import type { CallOutcome } from '../../../../integrations/call-outcome';
import {
  messageFate,
  sendOutcome,
  testOutcome,
} from '../../../../integrations/messaging/twilio/transformers';
import { twilioWebhook } from '../../../../integrations/messaging/twilio/webhook';

const sid = `SM${'0'.repeat(32)}`;
const ok = (value: unknown): CallOutcome<unknown> => ({ kind: 'ok', status: 201, value });
const declined = (code: string): CallOutcome<unknown> => ({ kind: 'declined', status: 400, code, value: {} });

describe('what an answer to an SMS means', () => {
  it.each<[string, CallOutcome<unknown>, object]>([
    ['queued', ok({ sid, status: 'queued' }), { kind: 'ok', value: { providerRef: sid } }],
    ['delivered at once', ok({ sid, status: 'delivered' }), { kind: 'ok' }],
    ['failed at once', ok({ sid, status: 'failed', error_code: 30008 }), { kind: 'declined' }],
    ['a word we do not know', ok({ sid, status: 'levitating' }), { kind: 'unknown' }],
    ['no message', ok({ hello: 'world' }), { kind: 'unknown', code: 'answer_unreadable' }],
    ['not a number', declined('21211'), { kind: 'declined', code: 'recipient_invalid', value: '21211' }],
    ['who said STOP', declined('21610'), { kind: 'declined', code: 'recipient_invalid' }],
    ['another refusal', declined('21617'), { kind: 'declined', code: 'request_rejected' }],
    ['a sender that is not ours', declined('21606'), { kind: 'misconfigured' }],
  ])('%s', (_name, outcome, expected) => {
    expect(sendOutcome(outcome)).toMatchObject(expected);
  });

  it.each<[CallOutcome<unknown>, string]>([
    [ok({ sid, status: 'sent' }), 'sent'],
    [ok({ sid, status: 'delivered' }), 'delivered'],
    [ok({ sid, status: 'undelivered', error_code: 30003 }), 'undelivered'],
    [declined('20404'), 'not_found'],
    [declined('20003'), 'unknown'],
    [ok({}), 'unknown'],
  ])('asked later: %j', (outcome, kind) => {
    expect(messageFate(outcome).kind).toBe(kind);
  });

  it('tells an account that works from one that does not', () => {
    expect(testOutcome(ok({ sid: 'AC', status: 'active' })).kind).toBe('ok');
    expect(testOutcome(ok({ sid: 'AC', status: 'suspended' })).kind).toBe('misconfigured');
    expect(testOutcome(ok({})).kind).toBe('unknown');
  });
});

describe('status callbacks', () => {
  const { accountSid, authToken } = postboxAccounts.twilio;
  const configuration = { accountSid, authToken };
  const url = 'https://pay.example/api/v1/webhooks/messages/svc_1?message=msg_1';
  const form = { AccountSid: accountSid, MessageSid: sid, MessageStatus: 'delivered', To: '+886912345678' };
  const receivedAt = new Date('2026-11-21T12:00:00Z');

  function callback(fields: Record<string, string>, over: { token?: string; url?: string } = {}) {
    const body = new URLSearchParams(fields).toString();
    const signature = twilioSignature(over.token ?? authToken, over.url ?? url, body);
    return { body: Buffer.from(body), url, receivedAt, headers: { 'x-twilio-signature': signature } };
  }

  /** The example of Twilio's page about request validation. */
  it("signs in the sandbox as in the vendor's example", () => {
    const body = new URLSearchParams({
      Digits: '1234',
      To: '+18005551212',
      From: '+14158675310',
      Caller: '+14158675310',
      CallSid: 'CA1234567890ABCDE',
    }).toString();
    expect(twilioSignature('12345', 'https://example.com/myapp.php?foo=1&bar=2', body)).toBe(
      'L/OH5YylLD5NRKLltdqwSvS0BnU=',
    );
  });

  it('reads one and finds our message in its address', () => {
    expect(twilioWebhook.verify(configuration, callback(form))).toEqual({
      kind: 'verified',
      events: [
        {
          eventId: `${sid}/delivered`,
          reference: 'msg_1',
          providerRef: sid,
          fate: { kind: 'delivered', providerRef: sid },
          occurredAt: receivedAt.toISOString(),
        },
      ],
    });
  });

  it('refuses what is forged or not to be read', () => {
    const genuine = callback(form);
    const forged = [
      { ...genuine, headers: {} },
      { ...genuine, body: Buffer.from(genuine.body.toString().replace('delivered', 'failed')) },
      { ...genuine, url: `${url}2` },
      callback(form, { token: 'somebody-elses' }),
      callback({ ...form, AccountSid: `AC${'f'.repeat(32)}` }),
    ];
    for (const one of forged) expect(twilioWebhook.verify(configuration, one).kind).toBe('forged');
    expect(twilioWebhook.verify({ accountSid }, callback(form, { token: '' })).kind).toBe('forged');
    expect(twilioWebhook.verify(configuration, callback({ AccountSid: accountSid })).kind).toBe('malformed');
  });

  it('makes nothing of a status that it does not know, and takes the token from before', () => {
    const strange = callback({ ...form, MessageStatus: 'levitating' });
    expect(twilioWebhook.verify(configuration, strange)).toEqual({ kind: 'verified', events: [] });
    const rotated = { accountSid, authToken: 'the-new-token-of-this-account', previousAuthToken: authToken };
    expect(twilioWebhook.verify(rotated, callback(form)).kind).toBe('verified');
  });
});
