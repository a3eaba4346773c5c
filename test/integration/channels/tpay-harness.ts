import { createHmac, randomBytes } from 'node:crypto';
import {
  startTpaySandbox,
  type TpaySandbox,
  type TpaySandboxOptions,
} from '../../../dev/sandboxes/tpay/sandbox';
import type { NextAction } from '../../../domain/payment/outcome';
import { createLog, type Log } from '../../../telemetry/log';
import { faultOf } from './breakage-faults';
import type { ChannelHarness } from './contract';
import { channelsOfProduct } from './product-channels';
import { startWebhookReceiver } from './webhook-receiver';

export interface TpayHarness extends ChannelHarness {
  sandbox: TpaySandbox;
}

/** TPay's two halves as the product wires them, against a sandbox in this process. */
export async function startTpayHarness(
  options: TpaySandboxOptions = {},
  log: Log = createLog({ level: 'silent', process: 'test' }),
): Promise<TpayHarness> {
  const sandbox = await startTpaySandbox({ webhookRetryFirstMs: 20, refundMs: 20, ...options });
  const product = channelsOfProduct(log);
  const webhook = product.registry.webhook('tpay')!;
  const receiver = await startWebhookReceiver(webhook.acknowledgement.body);

  return {
    sandbox,
    provider: product.registry.provider('tpay')!,
    webhook,
    config: {
      id: 'chc_tpay',
      channel: 'tpay',
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
    captured: () => undefined,
    refunded(reference, refundNo) {
      const made = sandbox.find(reference)?.refunds.find(({ refund_no }) => refund_no === refundNo);
      return made && { amount: BigInt(made.amount), effects: made.effects };
    },
    nextRefund({ fails }) {
      if (fails) sandbox.addFault({ kind: 'refund_failing', count: 1 });
    },
    webhookSecret: sandbox.account.notifyKey,

    signed(raw, key, at) {
      const timestamp = String(Math.floor(at.getTime() / 1_000));
      const nonce = randomBytes(16).toString('hex');
      const mac = createHmac('sha256', key).update(`${timestamp}\n${nonce}\n`).update(raw.body).update('\n');
      const signature = mac.digest('base64');
      const headers = { 'x-timestamp': timestamp, 'x-nonce': nonce, 'x-signature': signature };
      return { ...raw, headers: { ...raw.headers, ...headers } };
    },

    rotated: (config, newKey) => ({
      ...config,
      credentials: {
        ...config.credentials,
        notifyKey: newKey,
        previousNotifyKey: sandbox.account.notifyKey,
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
  if (action.type !== 'qr_code') throw new Error(`TPay shows a code, this is ${action.type}`);
  const answer = await fetch(`${action.content}/${what}`, {
    method: 'POST',
    headers: { accept: 'application/json' },
  });
  if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
}
