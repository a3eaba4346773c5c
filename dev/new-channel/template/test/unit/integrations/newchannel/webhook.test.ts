import type { ChannelConfig } from '../../../../../../../integrations/channels/payment-provider';
import { newchannelWebhook } from '../../../../integrations/channels/newchannel/webhook';

const now = new Date('2026-01-01T00:05:00.000Z');
const secondsFromNow = (seconds: number) => new Date(now.getTime() + seconds * 1_000);

const config: ChannelConfig = {
  id: 'chc_1',
  channel: 'newchannel',
  mode: 'test',
  baseUrl: 'https://newchannel.example',
  credentials: { apiSecret: 's', webhookSecret: 'new', previousWebhookSecret: 'old' },
};

/** To change: an event as docs/channels/newchannel.md shows it, about a charge that was paid. */
const paid = { event: 'its word for paid', reference: 'pay_1-1' };

/** To write: by hand, so that the adapter's code is not the only one ever tried. */
function signatureOf(_secret: string, _body: string, _at: Date): Record<string, string> {
  throw new Error(
    'The table is not written yet: how NewChannel signs an event (test/unit/integrations/newchannel/webhook.test.ts)',
  );
}

function verdict(content: unknown, secret = 'new', at = now) {
  const body = typeof content === 'string' ? content : JSON.stringify(content);
  const headers = signatureOf(secret, body, at);
  return newchannelWebhook.verify(config, { headers, body: Buffer.from(body), receivedAt: now });
}

describe('an event of NewChannel', () => {
  it.each<[string, Date, string]>([
    ['new', now, 'verified'],
    ['old', now, 'verified'],
    ['guessed', now, 'forged'],
    ['', now, 'forged'],
    ['new', secondsFromNow(-300), 'verified'],
    ['new', secondsFromNow(301), 'stale'],
    ['guessed', secondsFromNow(301), 'forged'],
  ])('signed with "%s" at %p is %s', (secret, at, kind) => {
    expect(verdict(paid, secret, at)).toEqual(expect.objectContaining({ kind }));
  });

  it('without a signature is forged', () => {
    const bare = { headers: {}, body: Buffer.from(JSON.stringify(paid)), receivedAt: now };
    expect(newchannelWebhook.verify(config, bare)).toEqual(expect.objectContaining({ kind: 'forged' }));
  });

  it('of a charge is told under the attempt, with the time and number that NewChannel gave it', () => {
    expect(verdict(paid)).toEqual({
      kind: 'verified',
      event: {
        eventId: 'E1',
        occurredAt: '2026-01-01T00:02:11.000Z',
        about: 'charge',
        reference: 'pay_1-1',
        status: { kind: 'succeeded', charge: { providerRef: 'O1', amountMinor: '100', currency: 'TWD' } },
      },
    });
  });

  it.each([['{'], ['[]'], ['{}']])('that is %s is malformed', (body) => {
    expect(verdict(body)).toEqual(expect.objectContaining({ kind: 'malformed' }));
  });
});
