import { bornAt } from '../../../domain/ids';
import type { ChannelError, NextAction } from '../../../domain/payment/outcome';
import { parseAttemptReference } from '../../../domain/payment/reference';
import type { ChargeRequest } from '../payment-provider';
import type { EcpayAccount } from './account';
import { checkMacValue } from './check-mac-value';
import { error } from './errors';
import { takesAmount, wayToPay } from './payment-ways';
import { taipeiTime } from './taipei-time';
import { merchantTradeNo } from './trade-number';

const addressLengthMax = 200;
const dayMs = 86_400_000;

export type CheckoutForm = { ok: true; nextAction: NextAction } | { ok: false; error: ChannelError };

/**
 * What the customer's browser posts to ECPay's cashier. Nobody is called here: the trade begins there when the
 * browser arrives. The same request gives the same form, and ECPay takes one number once.
 */
export function checkoutForm(account: EcpayAccount, request: ChargeRequest, now: Date): CheckoutForm {
  const way = wayToPay(account, request);
  const problem = refusal(account, request, way);
  if (problem !== undefined || way === undefined) return { ok: false, error: problem ?? noSuchWay };
  const what = plainText(request.description);
  const fields: Record<string, string> = {
    MerchantID: account.merchantId,
    MerchantTradeNo: merchantTradeNo(request.reference),
    MerchantTradeDate: taipeiTime(begunAt(request.reference) ?? now),
    PaymentType: 'aio',
    TotalAmount: request.amount.toString(),
    TradeDesc: beginning(what, 100),
    ItemName: beginning(what, 200),
    ReturnURL: request.webhookUrl,
    ChoosePayment: way,
    NeedExtraPaidInfo: 'Y',
    EncryptType: '1',
    CustomField1: request.reference,
    CustomField2: request.capture,
    ...(request.returnUrl === undefined ? {} : { ClientBackURL: withoutFieldNames(request.returnUrl) }),
    ...numberFields(way, request, now),
  };
  fields['CheckMacValue'] = checkMacValue(account.keys, Object.entries(fields));
  const url = `${account.origin}${account.basePath}/Cashier/AioCheckOut/V5`;
  return { ok: true, nextAction: { type: 'form_post', url, fields } };
}

function refusal(
  account: EcpayAccount,
  request: ChargeRequest,
  way: string | undefined,
): ChannelError | undefined {
  if (request.currency !== 'TWD') return error('currency_not_supported', 'ECPay takes TWD only.');
  if (way === undefined) return noSuchWay;
  if (!takesAmount(way, request.amount)) {
    return error('amount_not_supported', `ECPay takes no trade of this amount by ${way}.`);
  }
  if (request.capture === 'manual') {
    if (way !== 'Credit') return error('capture_not_supported', 'ECPay reserves money on cards only.');
    if (account.closesDaily || account.creditCheckCode === undefined) return noReservations;
  } else if (way === 'Credit' && !account.closesDaily) {
    return nobodyCloses;
  }
  const addresses = [request.webhookUrl, withoutFieldNames(request.returnUrl ?? '')];
  if (addresses.some(({ length }) => length > addressLengthMax)) {
    return error('request_rejected', `ECPay takes addresses of at most ${addressLengthMax} characters.`);
  }
  return undefined;
}

/** For how long the number that the customer is given can be paid, in the unit of each way. */
function numberFields(way: string, request: ChargeRequest, now: Date): Record<string, string> {
  const leftMs = request.expiresAt.getTime() - now.getTime();
  const days = Math.ceil(leftMs / dayMs);
  const told = { PaymentInfoURL: request.webhookUrl };
  switch (way) {
    case 'ATM':
      return { ...told, ExpireDate: String(between(days, 1, 60)) };
    case 'CVS':
      return { ...told, StoreExpireDate: String(between(Math.ceil(leftMs / 60_000), 1, 43_200)) };
    case 'BARCODE':
      return { ...told, StoreExpireDate: String(between(days, 1, 30)) };
    default:
      return {};
  }
}

function between(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}

/** ECPay refuses or mangles marks and breaks lines at `#`: letters, digits, spaces and a few marks are left. */
function plainText(text: string): string {
  const plain = text
    .replace(/[^\p{L}\p{N} .,_-]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return plain === '' ? 'Order' : plain;
}

/**
 * `&b=2` as `&%62=2`, the same address: else whoever chooses it could have the names of other fields signed, and post
 * those instead. `%26` would say another thing, and ECPay refuses it.
 */
function withoutFieldNames(address: string): string {
  return address.replace(/(?<=&)[A-Za-z]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
}

/** By whole characters: half of one would change what is signed. */
function beginning(text: string, lengthMax: number): string {
  return Array.from(text).slice(0, lengthMax).join('');
}

/** A payment's id carries the moment it was made, so that a repeated start makes the very same form. */
function begunAt(reference: string): Date | undefined {
  const attempt = parseAttemptReference(reference);
  return attempt && bornAt(attempt.paymentId);
}

const noSuchWay = error('method_not_supported', 'This ECPay account has no such way to pay.');
const noReservations = error(
  'capture_not_supported',
  'This ECPay account closes every evening by itself, or has no creditCheckCode: it can hold no reservation.',
);
const nobodyCloses = error(
  'capture_not_supported',
  'This ECPay account does not close by itself: it takes cards with manual capture only.',
);
