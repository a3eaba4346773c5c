import { Writable } from 'node:stream';
import { pino } from 'pino';
import { channelContract } from './contract';
import { startKpayHarness } from './kpay-harness';

channelContract('KPay', () => startKpayHarness());

it('KPay keeps secrets, customers and bodies out of the log, on good days and bad ones', async () => {
  let log = '';
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log += chunk.toString();
      done();
    },
  });
  const harness = await startKpayHarness({}, pino({ level: 'trace' }, sink));
  try {
    const call = { config: harness.config, timeoutMs: 300, correlationId: 'payment/1' };
    for (const breakage of [
      undefined,
      'timeout_after_commit',
      'error_after_commit',
      'garbage_answer',
    ] as const) {
      if (breakage) harness.breakNextCall(breakage);
      await harness.provider.startCharge(call, {
        reference: `pay_1-${breakage}`,
        amount: 100n,
        currency: 'TWD',
        description: 'for Ms Lin',
        webhookUrl: harness.webhookUrl,
        expiresAt: new Date(Date.now() + 60_000),
        capture: 'automatic',
      });
    }
    expect(log.match(/"correlationId":"payment\/1"/g)).toHaveLength(4);
    for (const secret of Object.values(harness.sandbox.account)) expect(log).not.toContain(secret);
    expect(log).not.toMatch(/Ms Lin|v1=|checkout|All is well/);
  } finally {
    await harness.close();
  }
});
