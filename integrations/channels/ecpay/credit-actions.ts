import type {
  CaptureOutcome,
  ChannelError,
  ChargeStatus,
  RefundOutcome,
} from '../../../domain/payment/outcome';
import type { CaptureRequest, ChannelCall, RefundRequest } from '../payment-provider';
import type { EcpayAccount } from './account';
import type { CreditAction, EcpayClient } from './client';
import type { CreditState } from './credit';
import { error, failureError } from './errors';
import type { createLook, PaidCard } from './look';
import { actionSchema, readUnsignedAnswer } from './messages';
import { nextSteps, refundPlan } from './refund-plan';
import { reservationStatus } from './transformers';

type Acted =
  | { kind: 'done' }
  /** Refused: by contract nothing has happened. */
  | { kind: 'refused'; rawCode: string }
  | { kind: 'unavailable'; error: ChannelError }
  | { kind: 'unknown'; error: ChannelError };

/**
 * What is done with a card's authorisation. ECPay's actions carry no number of ours: what was done already is
 * recognised by the state that it left, so each begins with a look.
 */
export function createCreditActions(client: EcpayClient, look: ReturnType<typeof createLook>) {
  async function capture(
    call: ChannelCall,
    account: EcpayAccount,
    request: CaptureRequest,
  ): Promise<CaptureOutcome> {
    if (request.currency !== 'TWD') return declined('currency_not_supported', 'ECPay captures TWD only.');
    const seen = await look.paidCard(call, account, request.chargeReference);
    if (seen.kind === 'failed') return { kind: 'unavailable', error: seen.error };
    if (seen.kind === 'not_found') return declined('charge_not_found', 'ECPay knows no such trade.');
    if (seen.kind !== 'card') return declined('not_capturable', 'There is no card’s reservation to capture.');
    const { credit } = seen;
    if (request.amount > credit.amount) {
      return declined('capture_exceeds_authorized', 'More than was reserved can’t be captured.');
    }
    if (credit.stage === 'authorized') {
      if (request.amount < credit.amount) {
        return declined(
          'partial_capture_not_supported',
          'ECPay captures the whole of a reservation at once.',
        );
      }
      const acted = await act(call, seen, 'C', request.amount);
      if (acted.kind !== 'done') return notCaptured(call, account, request, seen, acted);
    } else if (!isTaken(credit) || credit.captured !== request.amount) {
      return declined('not_capturable', `The reservation is past capturing (${credit.raw}).`);
    }
    const amountMinor = request.amount.toString();
    return {
      kind: 'succeeded',
      captured: { providerRef: `${seen.trade.TradeNo}:C`, amountMinor, currency: 'TWD' },
    };
  }

  async function notCaptured(
    call: ChannelCall,
    account: EcpayAccount,
    request: CaptureRequest,
    seen: PaidCard,
    acted: Exclude<Acted, { kind: 'done' }>,
  ): Promise<CaptureOutcome> {
    if (acted.kind !== 'refused') return acted;
    if (await hasMoved(call, account, request.chargeReference, seen)) {
      return { kind: 'unavailable', error: moved };
    }
    return declined('request_rejected', 'ECPay refused to capture.', acted.rawCode);
  }

  /** Gives a reservation back, where the trade is one; of any other it says how it stands. */
  async function giveUp(call: ChannelCall, account: EcpayAccount, reference: string): Promise<ChargeStatus> {
    const status = await look.chargeStatus(call, account, reference);
    if (status.kind !== 'authorized') return status;
    const seen = await look.paidCard(call, account, reference);
    if (seen.kind !== 'card') {
      return { kind: 'unknown', error: seen.kind === 'failed' ? seen.error : moved };
    }
    if (seen.credit.stage !== 'authorized') return reservationStatus(seen.trade, seen.credit);
    const acted = await act(call, seen, 'N', seen.credit.amount);
    if (acted.kind === 'done') return { kind: 'cancelled' };
    if (acted.kind !== 'refused') return { kind: 'unknown', error: acted.error };
    return {
      kind: 'unknown',
      error: error('request_rejected', 'ECPay refused to give the reservation up.', acted.rawCode),
    };
  }

  async function refund(
    call: ChannelCall,
    account: EcpayAccount,
    request: RefundRequest,
  ): Promise<RefundOutcome> {
    const seen = await look.paidCard(call, account, request.chargeReference);
    if (seen.kind === 'failed') return { kind: 'unavailable', error: seen.error };
    const plan = refundPlan(request, seen);
    if (plan.kind !== 'act') return plan;
    if (seen.kind !== 'card') return { kind: 'unavailable', error: moved };
    for (const { action, amount, givesBack } of nextSteps(seen.credit, request)) {
      const acted = await act(call, seen, action, amount);
      if (acted.kind === 'done') continue;
      if (acted.kind === 'refused') return refusedRefund(call, account, request, seen, acted.rawCode);
      // Only the step that gives money back leaves a doubt about it.
      return givesBack ? acted : { kind: 'unavailable', error: acted.error };
    }
    return { kind: 'succeeded', refund: plan.refund };
  }

  /** ECPay's evening or another hand may have come between the look and the action: then it is looked at anew. */
  async function refusedRefund(
    call: ChannelCall,
    account: EcpayAccount,
    request: RefundRequest,
    seen: PaidCard,
    rawCode: string,
  ): Promise<RefundOutcome> {
    if (await hasMoved(call, account, request.chargeReference, seen)) {
      return { kind: 'unavailable', error: moved };
    }
    const stillOpen = account.closesDaily ? undefined : await closeAgain(call, seen);
    return stillOpen ?? declined('refund_failed', 'ECPay could not give the money back.', rawCode);
  }

  /** Its closing was taken back in vain, and nobody else would close it. Undefined once that is done. */
  async function closeAgain(call: ChannelCall, seen: PaidCard): Promise<RefundOutcome | undefined> {
    if (seen.credit.stage !== 'authorized') return undefined;
    const acted = await act(call, seen, 'C', seen.credit.amount);
    if (acted.kind === 'done') return undefined;
    if (acted.kind !== 'refused') return acted;
    const message = 'ECPay refused to capture again what it did not give back.';
    return { kind: 'unavailable', error: error('request_rejected', message, acted.rawCode) };
  }

  async function hasMoved(
    call: ChannelCall,
    account: EcpayAccount,
    reference: string,
    before: PaidCard,
  ): Promise<boolean> {
    const now = await look.paidCard(call, account, reference);
    if (now.kind !== 'card') return true;
    // An earlier call of ours may have arrived late: it leaves the stage as it is.
    return now.credit.stage !== before.credit.stage || now.credit.refunded !== before.credit.refunded;
  }

  async function act(
    call: ChannelCall,
    { trade }: PaidCard,
    action: CreditAction,
    amount: bigint,
  ): Promise<Acted> {
    const outcome = await client.ask(call, 'action', {
      MerchantTradeNo: trade.MerchantTradeNo,
      TradeNo: trade.TradeNo,
      Action: action,
      TotalAmount: amount.toString(),
    });
    switch (outcome.kind) {
      case 'ok':
        return readAction(trade, outcome.value);
      case 'declined':
        return { kind: 'refused', rawCode: outcome.code };
      case 'retryable':
      case 'misconfigured':
        return { kind: 'unavailable', error: failureError(outcome) };
      case 'unknown':
        return { kind: 'unknown', error: failureError(outcome) };
    }
  }

  return { capture, giveUp, refund };
}

function readAction(trade: PaidCard['trade'], body: string): Acted {
  const answer = actionSchema.safeParse(readUnsignedAnswer(body)).data;
  if (
    answer === undefined ||
    answer.MerchantTradeNo !== trade.MerchantTradeNo ||
    answer.TradeNo !== trade.TradeNo
  ) {
    const message = 'ECPay’s answer does not read as one about this trade.';
    return { kind: 'unknown', error: error('answer_unreadable', message) };
  }
  if (answer.RtnCode === '1') return { kind: 'done' };
  return { kind: 'refused', rawCode: `${answer.RtnCode} ${answer.RtnMsg ?? ''}`.trim() };
}

function isTaken({ stage }: CreditState): boolean {
  return stage === 'closing' || stage === 'closed';
}

function declined(
  code: string,
  message: string,
  rawCode?: string,
): { kind: 'declined'; error: ChannelError } {
  return { kind: 'declined', error: error(code, message, rawCode) };
}

const moved = error('state_changed', 'The trade has changed at ECPay meanwhile; it is looked at again.');
