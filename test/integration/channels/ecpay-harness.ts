import {
  startEcpaySandbox,
  type EcpaySandbox,
  type EcpaySandboxOptions,
} from '../../../dev/sandboxes/ecpay/sandbox';
import { checkCode } from '../../../dev/sandboxes/ecpay/check-code';
import type { NextAction } from '../../../domain/payment/outcome';
import type { PaymentProvider, RefundRequest } from '../../../integrations/channels/payment-provider';
import { createLog, type Log } from '../../../telemetry/log';
import { faultOf } from './breakage-faults';
import type { ChannelHarness, Movement } from './contract';
import { channelsOfProduct } from './product-channels';
import { startWebhookReceiver, type WebhookReceiver } from './webhook-receiver';

export interface EcpayHarness extends ChannelHarness {
  sandbox: EcpaySandbox;
  receiver: WebhookReceiver;
}

/** ECPay's two halves as the product wires them, against a sandbox in this process. */
export async function startEcpayHarness(
  options: EcpaySandboxOptions & { paymentTypes?: string } = {},
  log: Log = createLog({ level: 'silent', process: 'test' }),
): Promise<EcpayHarness> {
  const sandbox = await startEcpaySandbox({ webhookRetryFirstMs: 20, ...options });
  const product = channelsOfProduct(log);
  const webhook = product.registry.webhook('ecpay')!;
  const receiver = await startWebhookReceiver(webhook.acknowledgement.body);
  const closesDaily = options.closesDaily ?? true;
  const { provider, refunded } = rememberRefunds(product.registry.provider('ecpay')!, sandbox);

  const open = (action: NextAction) => arrive(action);
  async function act(action: NextAction, what: 'pay' | 'decline'): Promise<void> {
    if (action.type !== 'form_post') throw new Error(`ECPay gives a form, this is ${action.type}`);
    const reference = action.fields['CustomField1'] ?? '';
    if (sandbox.find(reference) === undefined) await open(action);
    await post(`${sandbox.url}${sandbox.find(reference)!.cashier_path}/${what}`);
  }

  return {
    sandbox,
    receiver,
    // An account that closes by itself can hold no reservation, the other kind holds nothing else.
    provider: {
      ...provider,
      capabilities: { ...provider.capabilities, manualCapture: closesDaily ? 'none' : 'full' },
    },
    webhook,
    config: {
      id: 'chc_ecpay',
      channel: 'ecpay',
      mode: 'test',
      baseUrl: sandbox.url,
      credentials: {
        ...sandbox.account,
        dailyClosing: closesDaily ? 'on' : 'off',
        paymentTypes: options.paymentTypes ?? 'Credit,ATM,CVS',
      },
    },
    currency: 'TWD',
    amount: 100n,
    webhookUrl: receiver.url,
    webhooks: (count) => receiver.waitFor(count),
    open,
    pay: (action) => act(action, 'pay'),
    decline: (action) => act(action, 'decline'),
    breakNextCall: (breakage, of) =>
      void sandbox.addFault({ kind: faultOf[breakage], count: 1, ...(of ? { operation: of } : {}) }),
    charges: (reference) => sandbox.find(reference)?.charges ?? 0,
    orders: () => sandbox.book().length,
    captured(reference) {
      const closings = sandbox.find(reference)?.closings.filter(({ status }) => status !== 'undone') ?? [];
      return closings[0] && { amount: BigInt(closings[0].amount), effects: closings.length };
    },
    refunded,
    refundsAtOnce: true,
    nextRefund({ fails }) {
      if (fails) sandbox.addFault({ kind: 'refund_failing', count: 1 });
    },
    webhookSecret: sandbox.account.hashKey,
    webhookAge: { behindMs: 10 * 86_400_000, aheadMs: 300_000 },

    unsigned(raw) {
      const fields = new URLSearchParams(raw.body.toString());
      fields.delete('CheckMacValue');
      return { ...raw, body: Buffer.from(fields.toString()) };
    },

    signed(raw, key, at) {
      const fields = Object.fromEntries(new URLSearchParams(raw.body.toString()));
      if (fields['PaymentDate']) fields['PaymentDate'] = taipei(at);
      delete fields['CheckMacValue'];
      fields['CheckMacValue'] = checkCode({ ...sandbox.account, hashKey: key }, fields);
      return { ...raw, body: Buffer.from(new URLSearchParams(fields).toString()) };
    },

    rotated: (config, newKey) => ({
      ...config,
      credentials: { ...config.credentials, hashKey: newKey, previousHashKey: sandbox.account.hashKey },
    }),

    async close() {
      await product.close();
      await sandbox.close();
      await receiver.close();
    },
  };
}

function taipei(at: Date): string {
  return new Date(at.getTime() + 8 * 3_600_000)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ')
    .replaceAll('-', '/');
}

/** As the customer's browser does with the shop's form. */
async function arrive(action: NextAction): Promise<void> {
  if (action.type !== 'form_post') throw new Error(`ECPay gives a form, this is ${action.type}`);
  await post(action.url, new URLSearchParams(action.fields));
}

async function post(url: string, body?: URLSearchParams): Promise<void> {
  const answer = await fetch(url, { method: 'POST', headers: { accept: 'application/json' }, body });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
}

/**
 * The sandbox's book has no number of ours for a refund, as ECPay has none: which movement was made for which request is
 * told by the sum before it. A movement that nobody asked for is counted with the one before it.
 */
function rememberRefunds(provider: PaymentProvider, sandbox: EcpaySandbox) {
  const asked = new Map<string, RefundRequest>();

  function refunded(chargeReference: string, reference: string): Movement | undefined {
    const wanted = asked.get(reference);
    const movements = sandbox.find(chargeReference)?.refunds ?? [];
    const begins = [...asked.values()]
      .filter((request) => request.chargeReference === chargeReference)
      .map(({ refundedBefore = 0n }) => refundedBefore);
    let before = 0n;
    let owner: bigint | undefined;
    const mine = movements.filter(({ amount }) => {
      if (begins.includes(before)) owner = before;
      before += BigInt(amount);
      return owner === (wanted?.refundedBefore ?? 0n);
    });
    return mine[0] && { amount: BigInt(mine[0].amount), effects: mine.length };
  }

  return {
    refunded,
    provider: {
      ...provider,
      refundCharge: (call, request) => {
        if (!asked.has(request.reference)) asked.set(request.reference, request);
        return provider.refundCharge!(call, request);
      },
    } satisfies PaymentProvider,
  };
}
