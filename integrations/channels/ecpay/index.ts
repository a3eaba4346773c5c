import type { ChannelError } from '../../../domain/payment/outcome';
import type { ChannelCall, ChannelCapabilities, PaymentProvider } from '../payment-provider';
import { accountWays, readAccount, type EcpayAccount } from './account';
import { checkoutForm } from './checkout-form';
import { createEcpayClient, type EcpayClientDependencies } from './client';
import { createCreditActions } from './credit-actions';
import { error } from './errors';
import { createLook } from './look';
import { ecpayAmounts, methods, methodsOfAccount } from './payment-ways';
import { refundPlan } from './refund-plan';
import { closingEnd } from './taipei-time';
import { merchantTradeNo } from './trade-number';
import { createTurns } from './turns';
import { ecpayCredentials } from './credentials';
import { withinOneTime } from '../within-one-time';

const capabilities: ChannelCapabilities = {
  currencies: ['TWD'],
  methods,
  amounts: ecpayAmounts,
  // A start is a form for the customer's browser: making it again is the same form.
  idempotentCreate: true,
  begunByCustomer: true,
  query: true,
  // A trade that was begun can't be called off; only a reservation can be given up.
  cancel: 'reservations',
  declineEnds: true,
  refund: 'partial',
  refundsOneByOne: true,
  manualCapture: 'full',
};

export function createEcpay(deps: EcpayClientDependencies): PaymentProvider {
  const client = createEcpayClient(deps);
  const look = createLook(client);
  const actions = createCreditActions(client, look);
  const turns = createTurns();

  function inTurn<Value>(
    call: ChannelCall,
    reference: string,
    action: (call: ChannelCall, account: EcpayAccount) => Promise<Value>,
    refuse: (error: ChannelError) => Value,
  ): Promise<Value> {
    const reading = readAccount(call.config);
    if (!reading.ok) return Promise.resolve(refuse(error('channel_misconfigured', reading.message)));
    return turns.take(`${call.config.id}/${merchantTradeNo(reference)}`, () =>
      action(withinOneTime(call), reading.account),
    );
  }

  return {
    name: 'ecpay',
    apiVersion: 'AIO V5',
    capabilities,
    credentialFields: ecpayCredentials,
    methodsOf: (credentials, capture) => methodsOfAccount(accountWays(credentials), capture),

    pausedUntil({ credentials }, at) {
      const until = closingEnd(at, credentials['closingHours'] || undefined);
      return until && { until, reason: 'ECPay closes its day and takes no captures and refunds meanwhile' };
    },

    startCharge(call, request) {
      const reading = readAccount(call.config);
      if (!reading.ok) {
        const misconfigured = error('channel_misconfigured', reading.message);
        return Promise.resolve({ kind: 'unavailable', error: misconfigured });
      }
      const form = checkoutForm(reading.account, request, deps.now());
      return Promise.resolve(
        form.ok
          ? { kind: 'action', nextAction: form.nextAction }
          : { kind: 'unavailable', error: form.error },
      );
    },

    async queryCharge(call, { reference }) {
      const reading = readAccount(call.config);
      if (!reading.ok) return { kind: 'unknown', error: error('channel_misconfigured', reading.message) };
      return look.chargeStatus(withinOneTime(call), reading.account, reference);
    },

    cancelCharge: (call, { reference }) =>
      inTurn(
        call,
        reference,
        (each, account) => actions.giveUp(each, account, reference),
        (problem) => ({ kind: 'unknown', error: problem }),
      ),

    captureCharge: (call, request) =>
      inTurn(
        call,
        request.chargeReference,
        (each, account) => actions.capture(each, account, request),
        (problem) => ({ kind: 'unavailable', error: problem }),
      ),

    refundCharge: (call, request) =>
      inTurn(
        call,
        request.chargeReference,
        (each, account) => actions.refund(each, account, request),
        (problem) => ({ kind: 'unavailable', error: problem }),
      ),

    async queryRefund(call, query) {
      const reading = readAccount(call.config);
      if (!reading.ok) return { kind: 'unknown', error: error('channel_misconfigured', reading.message) };
      const seen = await look.paidCard(withinOneTime(call), reading.account, query.chargeReference);
      if (seen.kind === 'failed') return { kind: 'unknown', error: seen.error };
      const plan = refundPlan(query, seen);
      switch (plan.kind) {
        case 'act':
          return { kind: 'not_found' };
        case 'unavailable':
          return { kind: 'unknown', error: plan.error };
        case 'succeeded':
        case 'declined':
        case 'unknown':
          return plan;
      }
    },
  };
}
