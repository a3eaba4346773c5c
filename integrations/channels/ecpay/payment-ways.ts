import type { ChannelAmounts } from '../../../domain/routing/amounts';
import type { CaptureMode, ChargeRequest } from '../payment-provider';
import type { AccountWays } from './account';

/** ECPay's ways to pay (`ChoosePayment`) and the platform's methods that they stand for. */
const methodOf: Readonly<Record<string, string>> = {
  Credit: 'card',
  ATM: 'bank_transfer',
  WebATM: 'bank_transfer',
  CVS: 'cash_code',
  BARCODE: 'cash_code',
  ApplePay: 'wallet',
  TWQR: 'qr',
};

export const ways: readonly string[] = Object.keys(methodOf);

export const methods: readonly string[] = [...new Set(Object.values(methodOf))];

/** 單筆訂單建立金額: what ECPay lets one trade come to by each way, whole dollars. */
const amountsByWay: Readonly<Record<string, { min: bigint; max: bigint }>> = {
  Credit: { min: 5n, max: 199_999n },
  ATM: { min: 11n, max: 49_999n },
  WebATM: { min: 11n, max: 49_999n },
  CVS: { min: 33n, max: 20_000n },
  BARCODE: { min: 17n, max: 20_000n },
  ApplePay: { min: 5n, max: 199_999n },
  TWQR: { min: 6n, max: 49_999n },
};

/** By method: which way of one it is, is the account's to say. */
export const ecpayAmounts: readonly ChannelAmounts[] = Object.entries(amountsByWay).flatMap(
  ([way, range]) => {
    const method = methodOf[way];
    return method === undefined ? [] : [{ currency: 'TWD', method, ...range }];
  },
);

export function takesAmount(way: string, amount: bigint): boolean {
  const range = Object.hasOwn(amountsByWay, way) ? amountsByWay[way] : undefined;
  return range !== undefined && amount >= range.min && amount <= range.max;
}

/** The way for a method, or the account's usual one for such a capture; undefined where the account has none. */
export function wayToPay(
  account: AccountWays,
  { method, capture }: Pick<ChargeRequest, 'method' | 'capture'>,
): string | undefined {
  const own = account.ways.filter((way) => {
    const its = methodFor(way);
    return its !== undefined && (method === undefined || its === method);
  });
  return own.find((way) => isTakenSo(account, way, capture)) ?? own[0];
}

/** The methods by which the account takes money at once, or reserves it. */
export function methodsOfAccount(account: AccountWays, capture: CaptureMode): readonly string[] {
  const own = account.ways.filter((way) => isTakenSo(account, way, capture)).map(methodFor);
  return [...new Set(own)].filter((method) => method !== undefined);
}

/** A card is closed every evening or by a capture, as the account says; all else is paid at once. */
function isTakenSo(
  { closesDaily, creditCheckCode }: AccountWays,
  way: string,
  capture: CaptureMode,
): boolean {
  if (capture === 'manual') return way === 'Credit' && !closesDaily && creditCheckCode !== undefined;
  return way !== 'Credit' || closesDaily;
}

export function methodFor(way: string): string | undefined {
  return Object.hasOwn(methodOf, way) ? methodOf[way] : undefined;
}

/** ECPay answers with the way and the bank or shop behind it: `ATM_TAISHIN`, `Credit_CreditCard`. */
export function isCard(paymentType: string): boolean {
  return paymentType.startsWith('Credit_');
}

/** Paid later with a number that the customer is given. */
export function isPaidByNumber(paymentType: string): boolean {
  return /^(ATM|CVS|BARCODE)_/.test(paymentType);
}
