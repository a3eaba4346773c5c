import type { ChannelError, ChargeStatus } from '../../../domain/payment/outcome';
import type { CallOutcome } from '../../call-outcome';
import type { ChannelCall } from '../payment-provider';
import type { EcpayAccount } from './account';
import type { EcpayClient } from './client';
import { creditState, type CreditState } from './credit';
import { error, failureError } from './errors';
import { creditSchema, parseJson, paymentNumberSchema, readSignedAnswer, type EcpayTrade } from './messages';
import { isCard, isPaidByNumber } from './payment-ways';
import {
  isReservation,
  payByNumber,
  readTrade,
  reservationStatus,
  tradeStatus,
  tradeStatuses,
} from './transformers';
import { merchantTradeNo } from './trade-number';

/** A paid card trade with its authorisation, as ECPay has them now. */
export interface PaidCard {
  kind: 'card';
  trade: EcpayTrade;
  credit: CreditState;
}

export type Look =
  | PaidCard
  /** A trade that no action is for: not paid, not by card, or none at all. */
  | { kind: 'not_paid' }
  | { kind: 'not_card' }
  | { kind: 'not_found' }
  | { kind: 'failed'; error: ChannelError };

/** Asking only: nothing changes at ECPay. */
export function createLook(client: EcpayClient) {
  async function chargeStatus(
    call: ChannelCall,
    account: EcpayAccount,
    reference: string,
  ): Promise<ChargeStatus> {
    const reading = readTrade(account, reference, await askTrade(call, reference));
    if (reading.kind === 'unknown') return reading;
    const { trade } = reading;
    if (trade.TradeStatus === tradeStatuses.paid && isReservation(trade)) {
      const credit = await readCredit(call, account, trade);
      return 'code' in credit ? { kind: 'unknown', error: credit } : reservationStatus(trade, credit);
    }
    const status = tradeStatus(trade);
    if (status.kind !== 'open' || !isPaidByNumber(trade.PaymentType)) return status;
    const nextAction = await askNumber(call, account, reference, trade);
    return { ...status, ...(nextAction === undefined ? {} : { nextAction }) };
  }

  async function paidCard(call: ChannelCall, account: EcpayAccount, reference: string): Promise<Look> {
    const reading = readTrade(account, reference, await askTrade(call, reference));
    if (reading.kind === 'unknown') return { kind: 'failed', error: reading.error };
    const { trade } = reading;
    if (trade.TradeStatus === tradeStatuses.neverBegun) return { kind: 'not_found' };
    if (trade.TradeStatus !== tradeStatuses.paid) return { kind: 'not_paid' };
    if (!isCard(trade.PaymentType)) return { kind: 'not_card' };
    const credit = await readCredit(call, account, trade);
    return 'code' in credit ? { kind: 'failed', error: credit } : { kind: 'card', trade, credit };
  }

  function askTrade(call: ChannelCall, reference: string): Promise<CallOutcome<string>> {
    return client.ask(call, 'query', { MerchantTradeNo: merchantTradeNo(reference) });
  }

  /** The number is a help to the customer: not learning it is no reason to know less of the trade. */
  async function askNumber(call: ChannelCall, account: EcpayAccount, reference: string, trade: EcpayTrade) {
    const outcome = await client.ask(call, 'query_number', { MerchantTradeNo: merchantTradeNo(reference) });
    if (outcome.kind !== 'ok') return undefined;
    const fields = readSignedAnswer(account.keys, outcome.value);
    const number = paymentNumberSchema.safeParse(fields).data;
    // Signed by ECPay, but about another trade: a number to pay somebody else's.
    if (number === undefined || fields?.['MerchantTradeNo'] !== trade.MerchantTradeNo) return undefined;
    return payByNumber(number, trade.TradeAmt);
  }

  async function readCredit(
    call: ChannelCall,
    account: EcpayAccount,
    trade: EcpayTrade,
  ): Promise<CreditState | ChannelError> {
    if (account.creditCheckCode === undefined) return noCheckCode;
    if (!trade.gwsr)
      return error('answer_unreadable', 'ECPay did not say which authorisation paid the trade.');
    const outcome = await client.ask(call, 'query_credit', {
      CreditRefundId: trade.gwsr,
      CreditAmount: trade.TradeAmt,
      CreditCheckCode: account.creditCheckCode,
    });
    if (outcome.kind === 'declined') return error('provider_error', 'ECPay refused the query.', outcome.code);
    if (outcome.kind !== 'ok') return failureError(outcome);
    const credit = creditSchema.safeParse(parseJson(outcome.value)).data?.RtnValue;
    if (credit === undefined || credit.TradeID !== trade.gwsr) {
      return error(
        'answer_unreadable',
        'ECPay sent an authorisation that does not read as the one asked for.',
      );
    }
    return creditState(credit);
  }

  return { chargeStatus, paidCard };
}

const noCheckCode = error(
  'channel_misconfigured',
  'ECPay wants the credential creditCheckCode to look into what a card has paid.',
);
