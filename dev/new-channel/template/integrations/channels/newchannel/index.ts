import type {
  ChannelCapabilities,
  PaymentProvider,
} from '../../../../../../integrations/channels/payment-provider';
import { createNewchannelClient, type NewchannelClientDependencies } from './client';
import { newchannelCredentials } from './credentials';
import { refundOutcome, refundStatus } from './refunds';
import { chargeOutcome, chargeStatus } from './transformers';

/** To write. While it takes no currency nobody can configure it, and no payment goes there. */
const capabilities: ChannelCapabilities = {
  currencies: [],
  methods: [],
  // For each currency the least and the most of one charge, in its smallest unit, as docs/channels/newchannel.md has it;
  // by method where they differ: { currency: 'TWD', method: 'card', min: 1n, max: 200_000n }.
  amounts: [],
  // True only if docs/channels/newchannel.md has it that a repeated start is the same charge.
  idempotentCreate: false,
  query: true,
  cancel: 'all',
  // True only if docs/channels/newchannel.md has it that nobody can pay a charge that was declined.
  declineEnds: false,
  refund: 'partial',
  // Where not every account takes all of the methods, or not all of them reserve, the provider has methodsOf, too.
  manualCapture: 'none',
};

export function createNewchannel(deps: NewchannelClientDependencies): PaymentProvider {
  const client = createNewchannelClient(deps);
  return {
    name: 'newchannel',
    // To write: the version of its API that docs/channels/newchannel.md is about.
    apiVersion: 'unwritten',
    capabilities,
    credentialFields: newchannelCredentials,

    async startCharge(call, request) {
      return chargeOutcome(request.reference, await client.createCharge(call, request));
    },

    async queryCharge(call, query) {
      return chargeStatus(query.reference, await client.getCharge(call, query));
    },

    // To change where a refusal only says that it is paid: how much was paid has to be asked for then, as TPay's does.
    async cancelCharge(call, query) {
      return chargeStatus(query.reference, await client.cancelCharge(call, query));
    },

    async refundCharge(call, request) {
      return refundOutcome(request, await client.createRefund(call, request));
    },

    async queryRefund(call, query) {
      return refundStatus(query, await client.getRefund(call, query));
    },
  };
}
