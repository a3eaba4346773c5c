import { newId } from '../../db/ids';
import { startEcpaySandbox, type EcpaySandbox } from '../../dev/sandboxes/ecpay/sandbox';
import { publicId } from '../../domain/ids';
import type { Platform, PaymentBody } from './platform';
import { putChannel } from './channel';
import { configurePayments } from './platform-merchant';

export interface FormPost {
  type: 'form_post';
  url: string;
  fields: Record<string, string>;
}

/** A platform whose merchant also takes ECPay, which is asked for by name. */
export interface EcpayShop {
  readonly sandbox: EcpaySandbox;
  readonly webhookPath: string;
  /** The customer's browser posts the shop's form. */
  arrive(payment: PaymentBody): Promise<void>;
  /** The customer's hand on the cashier's page: one of its buttons. */
  press(payment: PaymentBody, button: 'pay' | 'decline' | 'number', attemptNo?: number): Promise<void>;
  /** As an operator does it; running processes have heard of it when this returns. */
  configure(credentials: Record<string, string>, offered?: { methods: string[] }): Promise<void>;
  close(): Promise<void>;
}

export async function openEcpayShop(
  platform: Platform,
  { closesDaily = true }: { closesDaily?: boolean } = {},
): Promise<EcpayShop> {
  const id = newId();
  const sandbox = await startEcpaySandbox({ webhookRetryFirstMs: 200, closesDaily });
  async function configure(
    credentials: Record<string, string>,
    offered?: { methods: string[] },
  ): Promise<void> {
    const all = {
      ...sandbox.account,
      paymentTypes: 'Credit,ATM,CVS',
      dailyClosing: closesDaily ? 'on' : 'off',
      // Whatever the hour at which this test runs.
      closingHours: 'none',
      ...credentials,
    };
    await putChannel(platform, id, {
      channel: 'ecpay',
      name: 'ECPay sandbox',
      baseUrl: sandbox.url,
      credentials: all,
      currencies: ['TWD'],
      ...offered,
    });
    // What a running process knows of configuration is at most a second old.
    await new Promise((resolve) => setTimeout(resolve, 1_050));
  }
  await configure({});
  await configurePayments(platform, platform.merchant, {
    channels: ['kpay', 'ecpay'],
    callbackUrl: platform.callbacks.url,
  });
  await new Promise((resolve) => setTimeout(resolve, 1_050));

  return {
    sandbox,
    webhookPath: `/api/v1/webhooks/ecpay/${publicId('channelConfig', id)}`,
    configure,
    async arrive(payment) {
      const { url, fields } = formOf(payment);
      await post(url, new URLSearchParams(fields));
    },
    press: (payment, button, attemptNo = 1) =>
      post(`${sandbox.url}${sandbox.find(`${payment.id}-${attemptNo}`)?.cashier_path}/${button}`),
    close: () => sandbox.close(),
  };
}

export function formOf({ nextAction }: PaymentBody): FormPost {
  if (nextAction?.type !== 'form_post') throw new Error(`not a form: ${nextAction?.type}`);
  return nextAction as FormPost;
}

async function post(url: string, body?: URLSearchParams): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { accept: 'application/json', connection: 'close' },
    body,
  });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
}
