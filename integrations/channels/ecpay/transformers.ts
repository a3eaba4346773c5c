import type { ChargeStatus, MovedMoney, NextAction } from '../../../domain/payment/outcome';
import type { CallOutcome } from '../../call-outcome';
import type { EcpayAccount } from './account';
import type { CreditState } from './credit';
import { decline, doubtful, failureError } from './errors';
import {
  paymentNumberSchema,
  readSignedAnswer,
  tradeSchema,
  type EcpayNotice,
  type EcpayPaymentNumber,
  type EcpayTrade,
} from './messages';
import { isCard } from './payment-ways';
import { instantOf } from './taipei-time';
import { merchantTradeNo } from './trade-number';

/** ECPay's words into ours; pure. The tables are those of docs/channels/ecpay.md. */

export type TradeReading = { kind: 'trade'; trade: EcpayTrade } | Extract<ChargeStatus, { kind: 'unknown' }>;

/** A query's answer, if it is signed and about the trade that was asked for. */
export function readTrade(
  account: EcpayAccount,
  reference: string,
  outcome: CallOutcome<string>,
): TradeReading {
  if (outcome.kind !== 'ok') {
    return outcome.kind === 'declined'
      ? doubtful('provider_error', 'ECPay refused the query.', outcome.code)
      : { kind: 'unknown', error: failureError(outcome) };
  }
  const fields = readSignedAnswer(account.keys, outcome.value);
  const trade = tradeSchema.safeParse(fields).data;
  if (trade === undefined) {
    return doubtful('answer_unreadable', 'ECPay sent a trade that does not read as one, or is not signed.');
  }
  if (trade.MerchantID !== account.merchantId || trade.MerchantTradeNo !== merchantTradeNo(reference)) {
    return doubtful('reference_mismatch', 'ECPay answered with another trade than the one asked for.');
  }
  return { kind: 'trade', trade };
}

export const tradeStatuses = { open: '0', paid: '1', neverBegun: '10200047', failed: '10200095' } as const;

/** Of a trade that is not a reservation; how much of one is taken is for `reservationStatus`. */
export function tradeStatus(trade: EcpayTrade): ChargeStatus {
  switch (trade.TradeStatus) {
    case tradeStatuses.open:
      // The same while a bank has still to say: of that only a notification tells.
      return { kind: 'open', providerRef: trade.TradeNo, mayBeInProcess: true };
    case tradeStatuses.paid:
      return paid(trade);
    case tradeStatuses.failed:
      return { kind: 'declined', error: decline(trade.TradeStatus) };
    case tradeStatuses.neverBegun:
      return { kind: 'not_found' };
    default:
      return doubtful(
        'unknown_status',
        'ECPay gave the trade a status that we do not know.',
        trade.TradeStatus,
      );
  }
}

/** Whether the money is only reserved, until it is closed: what the form said comes back with the trade. */
export function isReservation(trade: Pick<EcpayTrade, 'PaymentType' | 'CustomField2'>): boolean {
  return trade.CustomField2 === 'manual' && isCard(trade.PaymentType);
}

export function reservationStatus(trade: EcpayTrade, credit: CreditState): ChargeStatus {
  switch (credit.stage) {
    case 'authorized':
      return { kind: 'authorized', charge: money(trade, credit.amount) };
    case 'closing':
    case 'closed':
      return { kind: 'succeeded', charge: money(trade, credit.captured) };
    case 'cancelled':
      return { kind: 'cancelled' };
    case 'refused':
      return { kind: 'declined', error: decline(credit.raw) };
    case 'other':
      return doubtful('unknown_status', 'ECPay gave the card a status that we do not know.', credit.raw);
  }
}

const numberGiven = new Set(['2', '10100073']);
/** The bank has still to say: neither paid nor declined. */
const notYetKnown = '10300066';

/** What a notification, its code checked, says about its trade. */
export function noticeStatus(notice: EcpayNotice, fields: unknown): ChargeStatus {
  if (numberGiven.has(notice.RtnCode)) {
    const number = paymentNumberSchema.safeParse(fields).data;
    const nextAction = number && payByNumber(number, notice.TradeAmt);
    return { kind: 'open', providerRef: notice.TradeNo, ...(nextAction ? { nextAction } : {}) };
  }
  if (notice.RtnCode === notYetKnown) return { kind: 'processing', providerRef: notice.TradeNo };
  if (notice.RtnCode !== '1') return { kind: 'declined', error: decline(notice.RtnCode) };
  const status = paid(notice);
  return status.kind === 'succeeded' && isReservation(notice) ? { ...status, kind: 'authorized' } : status;
}

/** How the customer pays by number; undefined if there is none in it. */
export function payByNumber(number: EcpayPaymentNumber, amount: string): NextAction | undefined {
  const expiresAt = instantOf(number.ExpireDate)?.toISOString();
  const common = { amount, ...(expiresAt === undefined ? {} : { expiresAt }) };
  const { BankCode: bankCode, vAccount: accountNumber, PaymentNo: code } = number;
  if (bankCode && accountNumber) {
    return { type: 'bank_transfer', details: { bankCode, accountNumber, ...common } };
  }
  if (code) return { type: 'cash_code', details: { code, ...common } };
  const { Barcode1: barcode1, Barcode2: barcode2, Barcode3: barcode3 } = number;
  if (barcode1 && barcode2 && barcode3) {
    return { type: 'cash_code', details: { barcode1, barcode2, barcode3, ...common } };
  }
  return undefined;
}

function paid(trade: Pick<EcpayTrade, 'TradeNo' | 'TradeAmt' | 'PaymentDate'>): ChargeStatus {
  if (trade.TradeAmt === '0' || trade.TradeNo === '') {
    return doubtful('answer_unreadable', 'ECPay calls the trade paid, but for nothing or without a number.');
  }
  const movedAt = instantOf(trade.PaymentDate ?? '')?.toISOString();
  return { kind: 'succeeded', charge: { ...money(trade, BigInt(trade.TradeAmt)), movedAt } };
}

function money(trade: Pick<EcpayTrade, 'TradeNo'>, amount: bigint): MovedMoney {
  return { providerRef: trade.TradeNo, amountMinor: amount.toString(), currency: 'TWD' };
}
