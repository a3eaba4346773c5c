import type { ChannelCapabilities, PaymentProvider } from '../payment-provider';
import { createKpayClient, type KpayClientDependencies } from './client';
import { captureOutcome, evidenceOutcome } from './captures';
import { refundOutcome, refundStatus } from './refunds';
import { amountMax, amountNotSupported, chargeOutcome, chargeStatus, createOrder } from './transformers';
import { kpayCredentials } from './credentials';

const currencies = ['TWD', 'USD', 'EUR'];

const capabilities: ChannelCapabilities = {
  currencies,
  methods: ['card', 'wallet'],
  amounts: currencies.map((currency) => ({ currency, min: 1n, max: amountMax })),
  idempotentCreate: true,
  query: true,
  cancel: 'all',
  declineEnds: true,
  refund: 'partial',
  manualCapture: 'partial',
};

export function createKpay(deps: KpayClientDependencies): PaymentProvider {
  const client = createKpayClient(deps);
  return {
    name: 'kpay',
    apiVersion: 'v1',
    capabilities,
    credentialFields: kpayCredentials,

    async startCharge(call, request) {
      const order = createOrder(request, call.config);
      if (order === undefined) return amountNotSupported;
      return chargeOutcome(request.reference, await client.createOrder(call, order));
    },

    async queryCharge(call, { reference }) {
      return chargeStatus(reference, await client.getOrder(call, reference));
    },

    async cancelCharge(call, { reference }) {
      return chargeStatus(reference, await client.cancelOrder(call, reference));
    },

    async captureCharge(call, request) {
      return captureOutcome(request, await client.capture(call, request));
    },

    async refundCharge(call, request) {
      return refundOutcome(request, await client.refund(call, request));
    },

    async queryRefund(call, query) {
      return refundStatus(query, await client.getRefund(call, query.chargeReference, query.reference));
    },

    async submitEvidence(call, request) {
      return evidenceOutcome(await client.fileEvidence(call, request));
    },
  };
}
