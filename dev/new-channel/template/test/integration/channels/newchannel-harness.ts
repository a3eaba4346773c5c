import type { NextAction } from '../../../../../../domain/payment/outcome';
import { createLog } from '../../../../../../telemetry/log';
import { faultOf } from '../../../../../../test/integration/channels/breakage-faults';
import type { ChannelHarness } from '../../../../../../test/integration/channels/contract';
import { channelsOfProduct } from '../../../../../../test/integration/channels/product-channels';
import { startWebhookReceiver } from '../../../../../../test/integration/channels/webhook-receiver';
import { startNewchannelSandbox } from '../../../dev/sandboxes/newchannel/sandbox';
import { tellUnwritten } from '../../../dev/sandboxes/newchannel/unwritten';

/** NewChannel's two halves as the product wires them, against a sandbox in this process. */
export async function startNewchannelHarness(): Promise<ChannelHarness> {
  const sandbox = await startNewchannelSandbox({ webhookRetryFirstMs: 20, refundMs: 20 });
  const product = channelsOfProduct(createLog({ level: 'silent', process: 'test' }));
  const webhook = product.registry.webhook('newchannel')!;
  const receiver = await startWebhookReceiver(webhook.acknowledgement.body);

  return {
    provider: product.registry.provider('newchannel')!,
    webhook,
    config: {
      id: 'chc_newchannel',
      channel: 'newchannel',
      mode: 'test',
      baseUrl: sandbox.url,
      credentials: { ...sandbox.account },
    },
    // To change: one of the capabilities' currencies, and an amount that divides by four.
    currency: 'TWD',
    amount: 100n,
    webhookUrl: receiver.url,
    webhooks: (count) => receiver.waitFor(count),
    pay: (action) => choose(action, 'pay'),
    decline: (action) => choose(action, 'decline'),
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
    webhookSecret: sandbox.account.webhookSecret,

    // To write: neither with the adapter's code nor with the sandbox's.
    signed(_webhook, _secret, _at) {
      throw new Error(
        "NewChannel's harness is not written yet: how a webhook is signed (test/integration/channels/newchannel-harness.ts)",
      );
    },

    rotated: (config, newSecret) => ({
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
      tellUnwritten();
    },
  };
}

/** The customer follows what the start gave them, and makes one of their two choices. */
async function choose(action: NextAction, choice: 'pay' | 'decline'): Promise<void> {
  const answer = await fetch(`${addressIn(action)}/${choice}`, { method: 'POST' });
  if (!answer.ok) throw new Error(`${choice}: ${answer.status} ${await answer.text()}`);
}

function addressIn(action: NextAction): string {
  if (action.type === 'redirect') return action.url;
  if (action.type === 'qr_code') return action.content;
  throw new Error(`Say in newchannel-harness.ts how a customer of NewChannel follows a ${action.type}`);
}
