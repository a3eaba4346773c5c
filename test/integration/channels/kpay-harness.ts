import { createHmac } from 'node:crypto';
import {
  startKpaySandbox,
  type KpaySandbox,
  type KpaySandboxOptions,
} from '../../../dev/sandboxes/kpay/sandbox';
import type { NextAction } from '../../../domain/payment/outcome';
import type { ChannelConfig } from '../../../integrations/channels/payment-provider';
import { createLog, type Log } from '../../../telemetry/log';
import type { ChannelHarness } from './contract';
import { faultOf } from './breakage-faults';
import { channelsOfProduct } from './product-channels';
import { startWebhookReceiver, type WebhookReceiver } from './webhook-receiver';

export interface KpayHarness extends ChannelHarness {
  sandbox: KpaySandbox;
  receiver: WebhookReceiver;
}

/** KPay's two halves as the product wires them, against a sandbox in this process. */
export async function startKpayHarness(
  options: KpaySandboxOptions = {},
  log: Log = createLog({ level: 'silent', process: 'test' }),
): Promise<KpayHarness> {
  const sandbox = await startKpaySandbox({ webhookRetryFirstMs: 20, ...options });
  const receiver = await startWebhookReceiver();
  const product = channelsOfProduct(log);

  return {
    sandbox,
    receiver,
    provider: product.registry.provider('kpay')!,
    webhook: product.registry.webhook('kpay')!,
    config: {
      id: 'chc_kpay',
      channel: 'kpay',
      mode: 'test',
      baseUrl: sandbox.url,
      credentials: { ...sandbox.account },
    },
    currency: 'TWD',
    amount: 100n,
    webhookUrl: receiver.url,
    webhooks: (count) => receiver.waitFor(count),
    pay: (action) => act(action, 'pay'),
    decline: (action) => act(action, 'decline'),
    breakNextCall: (breakage) => void sandbox.addFault({ kind: faultOf[breakage], count: 1 }),
    charges: (reference) => sandbox.find(reference)?.charges ?? 0,
    orders: () => sandbox.book().length,
    captured(reference, captureNo) {
      const made = sandbox.find(reference)?.captures.find(({ capture_no }) => capture_no === captureNo);
      return made && { amount: BigInt(made.amount), effects: made.effects };
    },
    refunded(reference, refundNo) {
      const made = sandbox.find(reference)?.refunds.find(({ refund_no }) => refund_no === refundNo);
      return made && { amount: BigInt(made.amount), effects: made.effects };
    },
    nextRefund({ isPending, fails }) {
      if (isPending) sandbox.addFault({ kind: 'refund_pending', count: 1, ms: 20 });
      if (fails) sandbox.addFault({ kind: 'refund_failing', count: 1 });
    },
    disputes: {
      open: async (reference) => {
        const opened = await control(sandbox, '/sandbox/disputes', { reference });
        return (opened as { dispute_id: string }).dispute_id;
      },
      end: async (disputeRef, how) => {
        await control(sandbox, `/sandbox/disputes/${disputeRef}/${how === 'won' ? 'win' : 'lose'}`, {});
      },
      evidence: (reference) =>
        sandbox.find(reference)?.disputes.reduce((sum, { evidence }) => sum + evidence, 0) ?? 0,
    },
    webhookSecret: sandbox.account.webhookSecret,

    signed(webhook, secret, at) {
      const timestamp = Math.floor(at.getTime() / 1_000);
      const mac = createHmac('sha256', secret).update(`${timestamp}.`).update(webhook.body).digest('hex');
      return { ...webhook, headers: { ...webhook.headers, 'x-signature': `t=${timestamp},v1=${mac}` } };
    },

    rotated: (config: ChannelConfig, newSecret: string) => ({
      ...config,
      credentials: {
        ...config.credentials,
        webhookSecret: newSecret,
        previousWebhookSecret: sandbox.account.webhookSecret,
      },
    }),

    async close() {
      await product.close();
      await sandbox.close();
      await receiver.close();
    },
  };
}

async function act(action: NextAction, what: 'pay' | 'decline'): Promise<void> {
  if (action.type !== 'redirect') throw new Error(`KPay redirects, this is ${action.type}`);
  const answer = await fetch(`${action.url}/${what}`, {
    method: 'POST',
    headers: { accept: 'application/json' },
  });
  if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
}

async function control(sandbox: KpaySandbox, path: string, content: object): Promise<unknown> {
  const answer = await fetch(sandbox.url + path, { method: 'POST', body: JSON.stringify(content) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
