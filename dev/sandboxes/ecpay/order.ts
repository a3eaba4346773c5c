import { createHash } from 'node:crypto';
import { z } from 'zod';

/** What the sandbox's book knows of one trade; everything in it survives a restart. Amounts in whole dollars. */

const closingSchema = z.object({
  amount: z.int(),
  state: z.enum(['to_close', 'closed', 'undone']),
  at: z.number(),
});

const refundSchema = z.object({ amount: z.int(), action: z.enum(['R', 'N']), at: z.number() });

export const ways = ['Credit', 'ATM', 'WebATM', 'CVS', 'BARCODE', 'ApplePay', 'TWQR'] as const;

export const orderSchema = z.object({
  /** MerchantTradeNo. */
  orderNo: z.string(),
  tradeNo: z.string(),
  /** What the cashier's page is found by. */
  token: z.string(),
  way: z.enum(ways),
  state: z.enum(['open', 'paid', 'failed']),
  amount: z.int(),
  itemName: z.string(),
  returnUrl: z.string(),
  paymentInfoUrl: z.string().nullable(),
  clientBackUrl: z.string().nullable(),
  customField1: z.string(),
  customField2: z.string(),
  /** What the customer pays by, once it was asked for. */
  number: z.record(z.string(), z.string()).nullable(),
  payableUntil: z.number().nullable(),
  createdAt: z.number(),
  paidAt: z.number().nullable(),
  failCode: z.string().nullable(),
  /** The card's authorisation. */
  gwsr: z.string(),
  isAbandoned: z.boolean(),
  closings: z.array(closingSchema),
  refunds: z.array(refundSchema),
  /** How often its creation was asked for, and how often money was taken: the second must never pass one. */
  creates: z.int(),
  charges: z.int(),
});

export type Order = z.infer<typeof orderSchema>;
export type Way = Order['way'];

/** Numbers are made from what they name, so a sandbox that lost its book still gives none twice to two things. */
export function derivedDigits(length: number, ...names: string[]): string {
  const digest = createHash('sha256').update(names.join('\n')).digest('hex');
  return BigInt(`0x${digest}`).toString().slice(0, length);
}

export function derivedToken(...names: string[]): string {
  return createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 24);
}

export function isByNumber(way: Way): boolean {
  return way === 'ATM' || way === 'CVS' || way === 'BARCODE';
}

export function captured({ closings }: Order): number {
  return closings.reduce((sum, { amount, state }) => (state === 'undone' ? sum : sum + amount), 0);
}

/** By actions on what was told to close. */
export function givenBack({ refunds }: Order): number {
  return refunds.reduce((sum, { amount, action }) => (action === 'R' ? sum + amount : sum), 0);
}

const paymentTypes: Record<Way, string> = {
  Credit: 'Credit_CreditCard',
  ATM: 'ATM_TAISHIN',
  WebATM: 'WebATM_TAISHIN',
  CVS: 'CVS_CVS',
  BARCODE: 'BARCODE_BARCODE',
  ApplePay: 'ApplePay_CreditCard',
  TWQR: 'TWQR_OPAY',
};

export function paymentTypeOf({ way }: Order): string {
  return paymentTypes[way];
}

const taipeiOffsetMs = 8 * 3_600_000;

/** `2026/01/01 08:00:00`, on a clock in Taipei. */
export function taipeiTime(ms: number): string {
  return new Date(ms + taipeiOffsetMs).toISOString().slice(0, 19).replace('T', ' ').replaceAll('-', '/');
}
