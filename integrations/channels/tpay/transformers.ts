import type { ChannelError, ChargeOutcome, ChargeStatus } from '../../../domain/payment/outcome';
import type { CallOutcome } from '../../call-outcome';
import type { ChargeRequest } from '../payment-provider';
import { doubtful, failureError, refusal } from './errors';
import { amountMinor, amountText, instantOf, tradeSchema, type TpayTrade } from './messages';

/** TPay's words into ours and back; pure. The tables are those of docs/channels/tpay.md. */

export const amountMax = 200_000n;

/** The parameters of a creation, or why none is sent. */
export type NewTrade =
  { ok: true; parameters: Record<string, string> } | { ok: false; outcome: ChargeOutcome };

export function newTrade(request: ChargeRequest): NewTrade {
  if (request.capture === 'manual') {
    return unavailable('capture_not_supported', 'TPay takes money at once: it reserves none.');
  }
  if (request.currency !== 'TWD') {
    return unavailable('currency_not_supported', 'TPay takes TWD only.');
  }
  if (request.amount < 1n || request.amount > amountMax) {
    return unavailable('amount_not_supported', 'TPay takes no trade of this amount.');
  }
  const parameters = {
    out_trade_no: request.reference,
    amount: amountText(request.amount),
    currency: request.currency,
    subject: request.description.slice(0, 256),
    notify_url: request.webhookUrl,
    ...(request.returnUrl === undefined ? {} : { return_url: request.returnUrl }),
    expire_at: String(Math.ceil(request.expiresAt.getTime() / 1_000)),
  };
  return { ok: true, parameters };
}

function unavailable(code: string, message: string): NewTrade {
  return { ok: false, outcome: { kind: 'unavailable', error: { code, message } } };
}

export function chargeOutcome(request: ChargeRequest, outcome: CallOutcome<unknown>): ChargeOutcome {
  switch (outcome.kind) {
    case 'ok':
      return outcomeOfTrade(tradeStatus(request.reference, outcome.value));
    case 'declined':
      return refusedCreation(outcome.code);
    case 'retryable':
    case 'misconfigured':
      return { kind: 'unavailable', error: failureError(outcome) };
    case 'unknown':
      return { kind: 'unknown', error: failureError(outcome) };
  }
}

/** The answer to a query or a closing. */
export function chargeStatus(reference: string, outcome: CallOutcome<unknown>): ChargeStatus {
  switch (outcome.kind) {
    case 'ok':
      return tradeStatus(reference, outcome.value);
    case 'declined':
      if (outcome.code === '2002') return { kind: 'not_found' };
      return { kind: 'unknown', error: refusal(outcome.code, 'provider_error') };
    case 'retryable':
    case 'misconfigured':
    case 'unknown':
      return { kind: 'unknown', error: failureError(outcome) };
  }
}

/** What a trade, wherever it came from, says about the charge with this reference. */
export function tradeStatus(reference: string, body: unknown): ChargeStatus {
  const trade = tradeSchema.safeParse(body).data;
  if (trade === undefined) {
    return doubtful('answer_unreadable', 'TPay sent a trade that does not read as one.');
  }
  if (trade.out_trade_no !== reference) {
    return doubtful('reference_mismatch', 'TPay answered with another trade than the one asked for.');
  }
  switch (trade.state) {
    case 'WAIT_SCAN':
    case 'SCANNED':
      return open(trade);
    case 'SUCCESS':
      if (amountMinor(trade.amount) === '0') {
        return doubtful('answer_unreadable', 'TPay calls the trade paid, but for nothing.');
      }
      return {
        kind: 'succeeded',
        charge: {
          providerRef: trade.trade_no,
          amountMinor: amountMinor(trade.amount),
          currency: trade.currency,
          movedAt: instantOf(trade.time_paid ?? ''),
        },
      };
    case 'FAIL':
      return { kind: 'declined', error: paymentFailure(trade.fail_reason ?? '') };
    case 'CLOSED':
      return { kind: 'cancelled' };
    default:
      return doubtful(
        'unknown_status',
        'TPay gave the trade a state that we do not know.',
        trade.state.slice(0, 100),
      );
  }
}

function open(trade: TpayTrade): ChargeStatus {
  return {
    kind: 'open',
    providerRef: trade.trade_no,
    ...(trade.qr_content ? { nextAction: { type: 'qr_code', content: trade.qr_content } } : {}),
  };
}

function outcomeOfTrade(status: ChargeStatus): ChargeOutcome {
  switch (status.kind) {
    case 'open':
      if (status.nextAction === undefined) {
        return doubtful('answer_unreadable', 'TPay made a trade without a code to scan.');
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
      return { kind: 'declined', error: { code: 'order_closed', message: 'The trade at TPay is closed.' } };
  }
}

function refusedCreation(rawCode: string): ChargeOutcome {
  switch (rawCode) {
    case '1001':
      return { kind: 'unavailable', error: refusal(rawCode, 'request_rejected') };
    case '2005':
      return { kind: 'unavailable', error: refusal(rawCode, 'amount_not_supported') };
    case '2006':
      return { kind: 'unavailable', error: refusal(rawCode, 'currency_not_supported') };
    case '2001':
      // Perhaps our own, of a call that got no answer: only a query can tell what became of it.
      return { kind: 'unknown', error: refusal(rawCode, 'reference_conflict') };
    default:
      return { kind: 'unknown', error: refusal(rawCode, 'provider_error') };
  }
}

const paymentFailures: Record<string, Omit<ChannelError, 'rawCode'>> = {
  USER_DECLINED: { code: 'customer_cancelled', message: 'The customer gave up the payment.' },
  BALANCE_NOT_ENOUGH: { code: 'insufficient_funds', message: 'There is not enough money in the wallet.' },
  RISK_REJECTED: { code: 'fraud_suspected', message: 'TPay refused the payment as a risk.' },
};

function paymentFailure(rawCode: string): ChannelError {
  const known = Object.hasOwn(paymentFailures, rawCode) ? paymentFailures[rawCode] : undefined;
  return {
    ...(known ?? { code: 'declined', message: 'TPay declined the payment.' }),
    ...(rawCode === '' ? {} : { rawCode }),
  };
}
