import { newId } from '../../db/ids';
import { startStripeSandbox, type StripeSandbox } from '../../dev/sandboxes/stripe/sandbox';
import { publicId } from '../../domain/ids';
import type { Platform, PaymentBody } from './platform';
import { putChannel } from './channel';
import { configurePayments } from './platform-merchant';

/** A platform whose merchant also takes Stripe, which is asked for by name. */
export interface StripeShop {
  readonly sandbox: StripeSandbox;
  readonly channelConfigId: string;
  /** The customer's hand on the shop's page: one of its buttons. */
  press(payment: PaymentBody, button: 'pay' | 'decline' | 'authenticate' | 'dispute'): Promise<void>;
  close(): Promise<void>;
}

export async function openStripeShop(platform: Platform): Promise<StripeShop> {
  const id = newId();
  const sandbox = await startStripeSandbox({
    webhookUrl: `${platform.url}/api/v1/webhooks/stripe/${publicId('channelConfig', id)}`,
    webhookRetryFirstMs: 200,
  });
  const { secretKey, webhookSecret } = sandbox.account;
  await putChannel(platform, id, {
    channel: 'stripe',
    name: 'Stripe sandbox',
    baseUrl: sandbox.url,
    credentials: { secretKey, webhookSecret },
    currencies: ['USD', 'TWD', 'EUR'],
  });
  await configurePayments(platform, platform.merchant, {
    channels: ['kpay', 'stripe'],
    callbackUrl: platform.callbacks.url,
  });
  // What a running process knows of configuration is at most a second old.
  await new Promise((resolve) => setTimeout(resolve, 1_050));

  return {
    sandbox,
    channelConfigId: id,
    async press(payment, button) {
      const { nextAction } = payment as unknown as { nextAction: { type: string; secret?: string } | null };
      if (nextAction?.type !== 'client_secret') throw new Error(`not Stripe's: ${nextAction?.type}`);
      const answer = await fetch(`${sandbox.url}/pay/${nextAction.secret}/${button}`, {
        method: 'POST',
        headers: { accept: 'application/json', connection: 'close' },
      });
      if (!answer.ok) throw new Error(`${button}: ${answer.status} ${await answer.text()}`);
    },
    close: () => sandbox.close(),
  };
}
