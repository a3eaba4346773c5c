import type { ChannelCapabilities, PaymentProvider } from '../payment-provider';
import { createKpayClient, type KpayClientDependencies } from './client';
import { amountNotSupported, chargeOutcome, chargeStatus, createOrder } from './transformers';

const capabilities: ChannelCapabilities = {
  currencies: ['TWD', 'USD', 'EUR'],
  methods: ['card', 'wallet'],
  idempotentCreate: true,
  query: true,
  cancel: true,
  // KPay can; the adapter says so when it has the methods for it.
  refund: 'none',
  manualCapture: 'none',
};

export function createKpay(deps: KpayClientDependencies): PaymentProvider {
  const client = createKpayClient(deps);
  return {
    name: 'kpay',
    capabilities,

    async startCharge(call, request) {
      const order = createOrder(request);
      if (order === undefined) return amountNotSupported;
      return chargeOutcome(request.reference, await client.createOrder(call, order));
    },

    async queryCharge(call, { reference }) {
      return chargeStatus(reference, await client.getOrder(call, reference));
    },

    async cancelCharge(call, { reference }) {
      return chargeStatus(reference, await client.cancelOrder(call, reference));
    },
  };
}
