import { createHmac } from 'node:crypto';
import { startStripeSandbox, type StripeSandbox } from '../../../dev/sandboxes/stripe/sandbox';
import type { NextAction } from '../../../domain/payment/outcome';
import { createLog, type Log } from '../../../telemetry/log';
import { faultOf } from './breakage-faults';
import type { ChannelHarness } from './contract';
import { channelsOfProduct } from './product-channels';
import { startWebhookReceiver } from './webhook-receiver';

export interface StripeHarness extends ChannelHarness {
  sandbox: StripeSandbox;
  /** With one of Stripe's test cards. */
  payWith(action: NextAction, token: string): Promise<void>;
}

/** Stripe counts cents of the New Taiwan dollar. */
const unitsPerDollar = 100n;

/** Stripe's two halves as the product wires them, against a sandbox in this process. */
export async function startStripeHarness(
  log: Log = createLog({ level: 'silent', process: 'test' }),
): Promise<StripeHarness> {
  const receiver = await startWebhookReceiver();
  const sandbox = await startStripeSandbox({ webhookUrl: receiver.url, webhookRetryFirstMs: 20 });
  const product = channelsOfProduct(log);
  const { secretKey, webhookSecret } = sandbox.account;

  return {
    sandbox,
    provider: product.registry.provider('stripe')!,
    webhook: product.registry.webhook('stripe')!,
    config: {
      id: 'chc_stripe',
      channel: 'stripe',
      mode: 'test',
      baseUrl: sandbox.url,
      credentials: { secretKey, webhookSecret },
    },
    currency: 'TWD',
    amount: 100n,
    webhookUrl: receiver.url,
    webhooks: (count) => receiver.waitFor(count),
    pay: (action) => confirm(sandbox, action, 'pm_card_visa', 200),
    payWith: (action, token) => confirm(sandbox, action, token, 200),
    decline: (action) => confirm(sandbox, action, 'pm_card_visa_chargeDeclined', 402),
    breakNextCall: (breakage) => void sandbox.addFault({ kind: faultOf[breakage], count: 1 }),
    charges: (reference) => sandbox.find(reference)?.charges ?? 0,
    orders: () => sandbox.book().length,
    captured: (reference, captureReference) =>
      moved(sandbox.find(reference)?.captures.find(({ key }) => key === captureReference)),
    refunded: (reference, refundReference) =>
      moved(sandbox.find(reference)?.refunds.find(({ refund_no }) => refund_no === refundReference)),
    nextRefund({ isPending, fails }) {
      if (isPending) sandbox.addFault({ kind: 'refund_pending', count: 1, ms: 20 });
      if (fails) sandbox.addFault({ kind: 'refund_failing', count: 1 });
    },
    disputes: {
      async open(reference) {
        return (await control(sandbox, '/sandbox/disputes', { reference })).dispute_id;
      },
      end: async (disputeRef, how) => {
        await control(sandbox, `/sandbox/disputes/${disputeRef}/${how === 'won' ? 'win' : 'lose'}`, {});
      },
      evidence: (reference) =>
        sandbox.find(reference)?.disputes.reduce((sum, { evidence }) => sum + evidence, 0) ?? 0,
    },
    webhookSecret,

    signed(webhook, secret, at) {
      const timestamp = Math.floor(at.getTime() / 1_000);
      const mac = createHmac('sha256', secret).update(`${timestamp}.`).update(webhook.body).digest('hex');
      const headers = { ...webhook.headers, 'stripe-signature': `t=${timestamp},v1=${mac}` };
      return { ...webhook, headers };
    },

    rotated: (config, newSecret) => ({
      ...config,
      credentials: {
        ...config.credentials,
        webhookSecret: newSecret,
        previousWebhookSecret: webhookSecret,
      },
    }),

    async close() {
      await product.close();
      await sandbox.close();
      await receiver.close();
    },
  };
}

function moved(entry: { amount: number; effects: number } | undefined) {
  return entry && { amount: BigInt(entry.amount) / unitsPerDollar, effects: entry.effects };
}

/** As Stripe.js does it in the customer's browser. */
async function confirm(
  { url, account }: StripeSandbox,
  action: NextAction,
  paymentMethod: string,
  status: number,
): Promise<void> {
  if (action.type !== 'client_secret') throw new Error(`Stripe gives a secret, this is ${action.type}`);
  const id = action.secret.split('_secret_')[0]!;
  const answer = await fetch(`${url}/v1/payment_intents/${id}/confirm`, {
    method: 'POST',
    body: new URLSearchParams({
      key: account.publishableKey,
      client_secret: action.secret,
      payment_method: paymentMethod,
    }),
  });
  if (answer.status !== status) throw new Error(`confirm: ${answer.status} ${await answer.text()}`);
}

async function control(
  { url }: StripeSandbox,
  path: string,
  content: object,
): Promise<{ dispute_id: string }> {
  const answer = await fetch(url + path, { method: 'POST', body: JSON.stringify(content) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as { dispute_id: string };
}
