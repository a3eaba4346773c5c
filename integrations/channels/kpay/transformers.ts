import type { ChannelError, ChargeOutcome, ChargeStatus, MovedMoney } from '../../../domain/payment/outcome';
import type { CallOutcome } from '../../call-outcome';
import type { ProviderErrors } from '../../http-classification';
import type { ChannelConfig, ChargeRequest } from '../payment-provider';
import { doubtful, failureError, refusal } from './errors';
import { errorSchema, orderSchema, type CreateOrder, type KpayOrder } from './messages';

/** KPay's words into ours and back; pure. The tables are those of docs/channels/kpay.md. */

export const kpayErrors: ProviderErrors = {
  codeOf: (body) => errorSchema.safeParse(body).data?.error.code,
  notProcessed: ['not_processed'],
};

/** Of any currency, in its smallest unit. */
export const amountMax = 999_999_999_999n;

/** Undefined if the amount is past what KPay's orders hold. */
export function createOrder(
  request: ChargeRequest,
  { methods: offered }: Pick<ChannelConfig, 'methods'>,
): CreateOrder | undefined {
  if (request.amount < 1n || request.amount > amountMax) return undefined;
  // Without a method the customer chooses among all of KPay's. There are two, so fewer is one.
  const [only, ...others] = new Set(offered);
  const method = request.method ?? (others.length === 0 ? only : undefined);
  return {
    merchant_order_no: request.reference,
    amount: request.amount,
    currency: request.currency,
    capture: request.capture,
    ...(method === undefined ? {} : { method }),
    description: request.description,
    notify_url: request.webhookUrl,
    ...(request.returnUrl === undefined ? {} : { return_url: request.returnUrl }),
    expires_at: request.expiresAt.toISOString(),
  };
}

/** The amount goes into the JSON as its digits: no number ever holds it. */
export function orderBody({ amount, ...order }: CreateOrder): string {
  return `{"amount":${amount},${JSON.stringify(order).slice(1)}`;
}

export const amountNotSupported: ChargeOutcome = {
  kind: 'unavailable',
  error: { code: 'amount_not_supported', message: 'KPay takes no order of this amount.' },
};

/** The answer to a creation, which may be the order as an earlier creation made it. */
export function chargeOutcome(reference: string, outcome: CallOutcome<unknown>): ChargeOutcome {
  switch (outcome.kind) {
    case 'ok':
      return outcomeOfOrder(orderStatus(reference, outcome.value));
    case 'declined':
      return refusedCreation(outcome.code);
    case 'retryable':
    case 'misconfigured':
      return { kind: 'unavailable', error: failureError(outcome) };
    case 'unknown':
      return { kind: 'unknown', error: failureError(outcome) };
  }
}

/** The answer to a query or a cancellation. */
export function chargeStatus(reference: string, outcome: CallOutcome<unknown>): ChargeStatus {
  switch (outcome.kind) {
    case 'ok':
      return orderStatus(reference, outcome.value);
    case 'declined':
      if (outcome.code === 'order_not_found') return { kind: 'not_found' };
      if (outcome.code === 'already_paid') {
        return orderStatus(reference, errorSchema.safeParse(outcome.value).data?.error.order);
      }
      return { kind: 'unknown', error: refusal(outcome.code, 'provider_error') };
    case 'retryable':
    case 'misconfigured':
    case 'unknown':
      return { kind: 'unknown', error: failureError(outcome) };
  }
}

/** What an order, wherever it came from, says about the charge with this reference. */
export function orderStatus(reference: string, body: unknown): ChargeStatus {
  const order = orderSchema.safeParse(body).data;
  if (order === undefined)
    return doubtful('answer_unreadable', 'KPay sent an order that does not read as one.');
  if (order.merchant_order_no !== reference) {
    return doubtful('reference_mismatch', 'KPay answered with another order than the one asked for.');
  }
  switch (order.status) {
    case 'pending':
      return open(order);
    case 'processing':
      return { kind: 'processing', providerRef: order.order_id };
    case 'authorized':
      if (order.amount === 0) return doubtful('answer_unreadable', 'KPay reserved an amount of nothing.');
      return { kind: 'authorized', charge: money(order, String(order.amount)) };
    case 'paid':
      if (order.paid_at == null || paidAmount(order) === '0') {
        return doubtful('answer_unreadable', 'KPay calls the order paid, but not when or how much.');
      }
      return { kind: 'succeeded', charge: { ...money(order, paidAmount(order)), movedAt: order.paid_at } };
    case 'failed':
      return { kind: 'declined', error: paymentFailure(order.failure_code ?? undefined) };
    case 'cancelled':
    case 'expired':
      return { kind: 'cancelled' };
    default:
      return doubtful(
        'unknown_status',
        'KPay gave the order a status that we do not know.',
        order.status.slice(0, 100),
      );
  }
}

function open(order: KpayOrder): ChargeStatus {
  return {
    kind: 'open',
    providerRef: order.order_id,
    ...(order.checkout_url == null ? {} : { nextAction: { type: 'redirect', url: order.checkout_url } }),
  };
}

function paidAmount(order: KpayOrder): string {
  return String(order.captured_amount ?? order.amount);
}

function money(order: KpayOrder, amountMinor: string): MovedMoney {
  return { providerRef: order.order_id, amountMinor, currency: order.currency };
}

function outcomeOfOrder(status: ChargeStatus): ChargeOutcome {
  switch (status.kind) {
    case 'open':
      if (status.nextAction === undefined) {
        const error = {
          code: 'answer_unreadable',
          message: 'KPay made an order without a page to pay it on.',
        };
        return { kind: 'unknown', error };
      }
      return { kind: 'action', nextAction: status.nextAction, providerRef: status.providerRef };
    case 'processing':
    case 'succeeded':
    case 'authorized':
    case 'declined':
    case 'unknown':
      return status;
    case 'cancelled':
    case 'not_found':
      return { kind: 'declined', error: { code: 'order_closed', message: 'The order at KPay is closed.' } };
  }
}

function refusedCreation(rawCode: string): ChargeOutcome {
  switch (rawCode) {
    case 'order_closed':
      return { kind: 'declined', error: refusal(rawCode, 'order_closed') };
    case 'order_conflict':
      // Something stands there under our number: only a query can tell what became of it.
      return { kind: 'unknown', error: refusal(rawCode, 'reference_conflict') };
    case 'amount_out_of_range':
      return { kind: 'unavailable', error: refusal(rawCode, 'amount_not_supported') };
    case 'currency_not_supported':
      return { kind: 'unavailable', error: refusal(rawCode, 'currency_not_supported') };
    default:
      // By contract nothing happens on any other 4xx.
      return { kind: 'unavailable', error: refusal(rawCode, 'request_rejected') };
  }
}

const paymentFailures: Record<string, ChannelError> = {
  card_declined: { code: 'card_declined', message: 'The card was declined.' },
  insufficient_funds: { code: 'insufficient_funds', message: 'There is not enough money in the account.' },
  customer_cancelled: { code: 'customer_cancelled', message: 'The customer gave up the payment.' },
  risk_rejected: { code: 'fraud_suspected', message: 'KPay refused the payment as a risk.' },
};

function paymentFailure(rawCode: string | undefined): ChannelError {
  const known =
    rawCode !== undefined && Object.hasOwn(paymentFailures, rawCode) ? paymentFailures[rawCode] : undefined;
  return {
    ...(known ?? { code: 'declined', message: 'KPay declined the payment.' }),
    ...(rawCode === undefined ? {} : { rawCode }),
  };
}
