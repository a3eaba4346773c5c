import { z } from 'zod';
import type { HashKeys } from './check-mac-value';
import { isSignedBy } from './check-mac-value';

/** ECPay's messages as docs/channels/ecpay.md gives them: what does not parse is not believed. */

const digits = z.string().regex(/^(0|[1-9][0-9]{0,11})$/);
const number = z.string().regex(/^[0-9A-Za-z]{1,20}$/);

/** A query's answer about one trade. */
export const tradeSchema = z.object({
  MerchantID: z.string(),
  MerchantTradeNo: number,
  TradeNo: z.string().max(20),
  TradeAmt: digits,
  PaymentType: z.string().max(100),
  /** Any word: what we do not know is an unknown outcome, not a bad message. */
  TradeStatus: z.string(),
  /** Empty until it is paid; of a reservation, when it was made. */
  PaymentDate: z.string().optional(),
  CustomField1: z.string().optional(),
  CustomField2: z.string().optional(),
  /** The number of the card's authorisation. */
  gwsr: z
    .string()
    .regex(/^[0-9]{0,20}$/)
    .optional(),
});

export type EcpayTrade = z.infer<typeof tradeSchema>;

/** What is posted to ReturnURL and PaymentInfoURL. */
export const noticeSchema = z.object({
  MerchantID: z.string(),
  MerchantTradeNo: number,
  RtnCode: z.string().regex(/^-?[0-9]{1,10}$/),
  TradeNo: number,
  TradeAmt: digits,
  PaymentType: z.string().max(100),
  TradeDate: z.string(),
  PaymentDate: z.string().optional(),
  SimulatePaid: z.string().optional(),
  CustomField1: z.string().optional(),
  CustomField2: z.string().optional(),
});

export type EcpayNotice = z.infer<typeof noticeSchema>;

/** The number that a customer pays by: of a bank's account, or at a shop's till. */
export const paymentNumberSchema = z.object({
  PaymentType: z.string().max(100),
  ExpireDate: z.string(),
  BankCode: z.string().max(3).optional(),
  vAccount: z.string().max(16).optional(),
  PaymentNo: z.string().max(14).optional(),
  Barcode1: z.string().max(20).optional(),
  Barcode2: z.string().max(20).optional(),
  Barcode3: z.string().max(20).optional(),
});

export type EcpayPaymentNumber = z.infer<typeof paymentNumberSchema>;

/** A card's authorisation: JSON, in which numbers also come as texts. */
const amount = z.union([z.int(), z.string().regex(/^-?[0-9]{1,12}$/)]).transform((value) => BigInt(value));

const text = z.union([z.string(), z.int()]).transform(String);

export const creditSchema = z.object({
  RtnMsg: z.string(),
  RtnValue: z.object({
    TradeID: text,
    amount,
    clsamt: amount,
    status: z.string(),
    close_data: z
      .array(z.object({ status: z.string(), amount }))
      .max(1_000)
      .nullish(),
  }),
});

export type EcpayCredit = z.infer<typeof creditSchema>['RtnValue'];

export const actionSchema = z.object({
  MerchantTradeNo: z.string(),
  TradeNo: z.string(),
  RtnCode: z.string().regex(/^-?[0-9]{1,10}$/),
  RtnMsg: z.string().optional(),
});

const fieldsMax = 200;

/** The fields as they were posted, percent-encoded; of one that comes twice the last counts. */
export function readForm(body: string): Map<string, string> {
  return new Map([...new URLSearchParams(body)].slice(0, fieldsMax));
}

/** Queries are answered with fields that are not encoded at all: a plus is a plus. */
function readPlain(body: string): Map<string, string> {
  return new Map(
    body
      .trim()
      .split('&', fieldsMax)
      .map((field): [string, string] => {
        const cut = field.indexOf('=');
        return cut < 0 ? [field, ''] : [field.slice(0, cut), field.slice(cut + 1)];
      }),
  );
}

/** The fields of a query's answer, in whichever of the two manners the code stands for; undefined for neither. */
export function readSignedAnswer(keys: HashKeys, body: string): Record<string, string> | undefined {
  for (const fields of [readPlain(body), readForm(body.trim())]) {
    if (isSignedBy([keys], fields)) return Object.fromEntries(fields);
  }
  return undefined;
}

/** Actions are answered without a code to check. */
export function readUnsignedAnswer(body: string): Record<string, string> {
  return Object.fromEntries(readForm(body.trim()));
}

export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
