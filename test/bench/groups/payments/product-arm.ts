import type { Stack } from '../../../../dev/stack/stack';
import type { PaymentArm } from './arm';

/**
 * What one whole payment is: POST, the customer pays where the answer leads (as late as the floors' customers do), KPay's
 * webhook, succeeded, and the merchant told by its signed callback.
 */
export async function productArm(stack: Stack, doneUrl: string): Promise<PaymentArm> {
  await tellMerchantAt(stack, doneUrl);
  const { api, worker, kpay, postgres } = stack.children;
  return {
    name: 'product',
    target: {
      startUrl: `${stack.urls.api}/payments`,
      headers: { authorization: `Bearer ${stack.demo.apiKey}` },
      body: { amount: '100.50', currency: 'USD', description: 'Tea, 100 g' },
      pay: 'on the page of nextAction',
    },
    pids: { api: api.pid ?? 0, worker: worker.pid ?? 0, sandbox: kpay.pid ?? 0, postgres: postgres.pid ?? 0 },
    stop: async () => undefined,
  };
}

/** For a bench: quiet, and workers as plain as the floors'. */
export const productEnvironment = {
  NODE_ENV: 'production',
  LOG_LEVEL: 'warn',
  WORKER_VERSIONING: 'off',
};

async function tellMerchantAt({ urls, demo }: Stack, callbackUrl: string): Promise<void> {
  const config = `${urls.api}/merchants/${demo.merchantId}/payment-config?mode=test`;
  const headers = { authorization: `Bearer ${demo.operatorKey}`, 'content-type': 'application/json' };
  const { version } = (await (await fetch(config, { headers })).json()) as { version: number };
  const body = JSON.stringify({
    version,
    currencies: ['USD', 'TWD', 'EUR'],
    channels: ['kpay'],
    callbackUrl,
  });
  const answer = await fetch(config, { method: 'PUT', headers, body });
  if (!answer.ok) throw new Error(`The demo merchant could not be configured: ${await answer.text()}`);
}
