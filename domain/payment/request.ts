import type { PinnedConversion } from '../exchange/conversion';
import type { Mode } from './reference';

export const paymentMethods = ['card', 'bank_transfer', 'wallet', 'qr', 'cash_code', 'crypto'] as const;
export type PaymentMethod = (typeof paymentMethods)[number];

/** Personal data: encrypted wherever it is kept, never in logs or ids. */
export interface Customer {
  name?: string;
  email?: string;
  phone?: string;
}

/** A payment as it was asked for, pinned for its whole life: what the workflow's input and the row both hold. */
export interface PaymentRequest {
  paymentId: string;
  merchantId: string;
  mode: Mode;
  orderId: string;
  /** Digits of a bigint, in the currency's smallest unit. */
  amountMinor: string;
  currency: string;
  description: string;
  returnUrl?: string;
  metadata: Record<string, string>;
  /** A channel's name, or undefined for the platform's choice. */
  provider?: string;
  customer?: Customer;
  /** Where the customer came from, kept for the risk engine. */
  clientIp?: string;
  deviceFingerprint?: string;
  /** Where the customer is, ISO 3166: routing rules may ask for it. */
  country?: string;
  /** For this payment alone; else the merchant's usual address. */
  callbackUrl?: string;
  method?: PaymentMethod;
  /** Left out by requests from before there was a choice. */
  capture?: 'automatic' | 'manual';
  /** What the merchant is to be credited in, where that is not what the customer pays in. */
  settleCurrency?: string;
  /** The offer it is exchanged at; without one it is made when the payment opens. */
  quoteId?: string;
  /** The terms it was opened with: known from its row, never part of the workflow's input. */
  conversion?: PinnedConversion;
  /** A kept payment method: it is charged at once, by the channel that keeps it. */
  savedMethod?: { id: string; channelConfigId: string };
  /** What it is paid with is kept for this customer. */
  saveMethodFor?: string;
  createdAt: string;
  expiresAt: string;
  /** SHA-256 of the request, hex: the same orderId with another request is refused. */
  requestHash: string;
}
