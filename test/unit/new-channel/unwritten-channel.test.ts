import { createNewchannel } from '../../../dev/new-channel/template/integrations/channels/newchannel';
import { newchannelWebhook } from '../../../dev/new-channel/template/integrations/channels/newchannel/webhook';
import { createCaller } from '../../../integrations/call';
import type { ChannelCall, ChannelConfig } from '../../../integrations/channels/payment-provider';
import { createLog } from '../../../telemetry/log';

/** What a channel answers that somebody made with the generator, registered and has not written yet. */
const config: ChannelConfig = {
  id: 'chc_1',
  channel: 'newchannel',
  mode: 'test',
  baseUrl: 'http://127.0.0.1:1',
  credentials: { apiSecret: 's', webhookSecret: 'w' },
};
const call: ChannelCall = { config, timeoutMs: 1_000, correlationId: 'test' };
const charge = { reference: 'pay_1-1', currency: 'TWD' };
const refund = {
  chargeReference: 'pay_1-1',
  providerRef: 'O1',
  reference: 'ref_1',
  amount: 100n,
  currency: 'TWD',
};

const provider = createNewchannel({
  caller: createCaller({
    log: createLog({ level: 'silent', process: 'test' }),
    metrics: { called: () => undefined, breakerChanged: () => undefined, heldBack: () => undefined },
    concurrencyMax: 1,
    queueMax: 1,
  }),
  http: {
    exchange: () => Promise.reject(new Error('something was sent')),
    close: () => Promise.resolve(),
  },
  now: () => new Date(),
});

const operations: [string, () => Promise<unknown>][] = [
  [
    'starts a charge',
    () =>
      provider.startCharge(call, {
        ...charge,
        amount: 100n,
        description: 'Tea',
        webhookUrl: 'https://pay.example.com/hook',
        expiresAt: new Date(),
        capture: 'automatic',
      }),
  ],
  ['asks for a charge', () => provider.queryCharge(call, charge)],
  ['calls a charge off', () => provider.cancelCharge(call, charge)],
  ['gives money back', () => provider.refundCharge!(call, { ...refund, reason: '' })],
  ['asks for a refund', () => provider.queryRefund!(call, refund)],
];

describe('a channel that is not written yet', () => {
  it.each(operations)('%s: it does not know, however often, and says what is missing', async (_name, ask) => {
    // More often than the breaker lets a service fail: it must not come to "certainly nothing happened" by that.
    for (let times = 0; times < 7; times += 1) {
      expect(await ask()).toEqual({
        kind: 'unknown',
        error: { code: 'provider_error', message: expect.stringContaining('is not written yet') as string },
      });
    }
  });

  it('takes no webhook for genuine', () => {
    const webhook = { headers: { 'x-signature': 'any' }, body: Buffer.from('{}'), receivedAt: new Date() };
    expect(newchannelWebhook.verify(config, webhook)).toEqual({
      kind: 'forged',
      reason: expect.stringContaining('is not written yet') as string,
    });
  });

  it('takes no currency, so that nobody can configure it', () => {
    expect(provider.capabilities.currencies).toEqual([]);
  });
});
