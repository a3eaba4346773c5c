import type { EcpayAccount } from './account';

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

/** The way for a method, or the account's usual one; undefined where the account has none. */
export function wayToPay({ ways }: EcpayAccount, method: string | undefined): string | undefined {
  return ways.find((way) => {
    const own = Object.hasOwn(methodOf, way) ? methodOf[way] : undefined;
    return own !== undefined && (method === undefined || own === method);
  });
}

/** ECPay answers with the way and the bank or shop behind it: `ATM_TAISHIN`, `Credit_CreditCard`. */
export function isCard(paymentType: string): boolean {
  return paymentType.startsWith('Credit_');
}

/** Paid later with a number that the customer is given. */
export function isPaidByNumber(paymentType: string): boolean {
  return /^(ATM|CVS|BARCODE)_/.test(paymentType);
}
