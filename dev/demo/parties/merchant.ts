import { randomBytes } from 'node:crypto';
import type { Stage } from '../story';
import { startCallbackServer, type CallbackServer } from './callback-server';
import { apiCaller, until, type Caller } from './http';

/** What a merchant reads of a payment; the API's answer holds more. */
export interface Payment {
  id: string;
  orderId: string;
  status: string;
  amount: string;
  currency: string;
  nextAction: { type: string; url?: string; content?: string; fields?: Record<string, string> } | null;
  lastError: { code: string; message: string } | null;
  attempts: number;
}

export interface Merchant {
  id: string;
  api: Caller;
  callbacks: CallbackServer;
  newOrderId(): string;
  /** Reads the payment until it fits. */
  seesPayment(id: string, fits: (payment: Payment) => boolean, signal: AbortSignal): Promise<Payment>;
}

export interface MerchantOptions {
  /** Of the whole payment configuration; what is not given is one currency, KPay and half an hour. */
  config?: {
    currencies?: string[];
    channels?: string[];
    expiresInSeconds?: number;
    lateMoney?: string;
    /** By currency. */
    reviewAbove?: Record<string, string>;
  };
}

/**
 * A merchant of this story's own, in test mode, with a key and a callback endpoint: whatever the story does,
 * nobody else's configuration changes. Its key is revoked afterwards and its address forgotten.
 */
export async function openShop(stage: Stage, options: MerchantOptions = {}): Promise<Merchant> {
  const operator = apiCaller(stage.stack.api, stage.stack.demo.operatorKey);
  const shop = await stage.step(
    'operator',
    'makes a merchant',
    async (signal) => {
      const { body } = await operator.post<{ id: string; name: string }>(
        '/admin/merchants',
        { name: `Demo shop ${randomBytes(2).toString('hex')}`, defaultCurrency: 'TWD' },
        signal,
      );
      return body;
    },
    { tell: ({ name, id }) => `${name} (${id})` },
  );

  const key = await stage.step('operator', 'hands out a test key', async (signal) => {
    const path = `/admin/merchants/${shop.id}/keys`;
    const { body } = await operator.post<{ id: string; key: string }>(path, { mode: 'test' }, signal);
    stage.afterwards('revoking the key', () => operator.delete(`${path}/${body.id}`, soon()));
    return body.key;
  });

  const callbacks = await stage.step('merchant', 'opens an endpoint for callbacks', startCallbackServer, {
    tell: ({ url }) => url,
  });
  stage.afterwards('closing the callback endpoint', () => callbacks.close());

  const api = apiCaller(stage.stack.api, key);
  const path = `/merchants/${shop.id}/payment-config`;
  const config = { currencies: ['TWD'], channels: ['kpay'], ...options.config };
  await stage.step('merchant', 'registers its address, and is shown the secret once', async (signal) => {
    const written = await api.put<{ version: number; callbackSecret: string | null }>(
      path,
      { ...config, callbackUrl: callbacks.url },
      signal,
    );
    if (written.callbackSecret === null) throw new Error('no secret was shown for a new address');
    callbacks.trust(written.callbackSecret);
    const { version } = written;
    stage.afterwards('forgetting the address', () =>
      api.put(path, { ...config, version, callbackUrl: null }, soon()),
    );
  });

  return {
    id: shop.id,
    api,
    callbacks,
    newOrderId: () => `demo-${Date.now().toString(36)}-${randomBytes(3).toString('hex')}`,
    seesPayment: (id, fits, signal) =>
      until(signal, async () => {
        const payment = await api.get<Payment>(`/payments/${id}`, signal);
        return fits(payment) ? payment : undefined;
      }),
  };
}

const soon = () => AbortSignal.timeout(4_000);
