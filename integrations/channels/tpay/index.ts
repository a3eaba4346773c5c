import type { ChargeStatus } from '../../../domain/payment/outcome';
import type { ChannelCall, ChannelCapabilities, ChargeQuery, PaymentProvider } from '../payment-provider';
import { amountText } from './messages';
import { createTpayClient, type TpayClientDependencies } from './client';
import { refundOutcome, refundStatus } from './refunds';
import { amountMax, chargeOutcome, chargeStatus, newTrade } from './transformers';
import { tpayCredentials } from './credentials';
import { withinOneTime } from '../within-one-time';

const capabilities: ChannelCapabilities = {
  currencies: ['TWD'],
  methods: ['qr', 'wallet'],
  amounts: [{ currency: 'TWD', min: 1n, max: amountMax }],
  // A repeat is refused as a duplicate: what became of an unanswered start is for a query to find out.
  idempotentCreate: false,
  query: true,
  cancel: 'all',
  declineEnds: true,
  refund: 'partial',
  manualCapture: 'none',
};

export function createTpay(deps: TpayClientDependencies): PaymentProvider {
  const client = createTpayClient(deps);

  async function queryCharge(call: ChannelCall, { reference }: ChargeQuery): Promise<ChargeStatus> {
    return chargeStatus(reference, await client.ask(call, 'trade/query', { out_trade_no: reference }));
  }

  return {
    name: 'tpay',
    apiVersion: '1.0',
    capabilities,
    credentialFields: tpayCredentials,

    async startCharge(call, request) {
      const trade = newTrade(request);
      if (!trade.ok) return trade.outcome;
      return chargeOutcome(request, await client.ask(call, 'trade/create', trade.parameters));
    },

    queryCharge,

    async cancelCharge(each, query) {
      const call = withinOneTime(each);
      const closed = await client.ask(call, 'trade/close', { out_trade_no: query.reference });
      // "Already paid" comes without the trade: how much was paid has to be asked for.
      if (closed.kind === 'declined' && closed.code === '2003') return queryCharge(call, query);
      return chargeStatus(query.reference, closed);
    },

    async refundCharge(call, request) {
      const { chargeReference, reference, amount, currency, reason } = request;
      if (currency !== 'TWD') {
        const error = { code: 'currency_not_supported', message: 'TPay refunds TWD only.' };
        return { kind: 'declined', error };
      }
      const parameters = {
        out_trade_no: chargeReference,
        out_refund_no: reference,
        amount: amountText(amount),
        reason: reason.slice(0, 256),
      };
      return refundOutcome(request, await client.ask(call, 'refund/create', parameters));
    },

    async queryRefund(call, query) {
      const parameters = { out_trade_no: query.chargeReference, out_refund_no: query.reference };
      return refundStatus(query, await client.ask(call, 'refund/query', parameters));
    },
  };
}
