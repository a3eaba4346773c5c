import { formatAmount } from '../money/amount';
import { showRatio } from '../exchange/conversion';
import { publicId } from '../ids';
import { noChannelError, waitsForChannel } from './no-channel';
import type { ChannelError, NextAction } from './outcome';
import type { PaymentRequest } from './request';
import type { PaymentState } from './state';

/** A payment as merchants see it: the API's answers and the callbacks' bodies are this one shape. */
export interface PublicPayment {
  id: string;
  object: 'payment';
  mode: string;
  merchantId: string;
  orderId: string;
  status: string;
  amount: string;
  currency: string;
  capturedAmount: string;
  refundedAmount: string;
  method: string | null;
  capture: 'automatic' | 'manual';
  description: string;
  returnUrl: string | null;
  metadata: Record<string, string>;
  exchange: PublicExchange | null;
  nextAction: NextAction | WaitAction | null;
  lastError: ChannelError | null;
  attempts: number;
  createdAt: string;
  updatedAt: string;
  expiresAt: string;
}

/** Nothing to be done but to wait; the message may be shown to the customer. */
export interface WaitAction {
  type: 'wait';
  message: string;
}

/** At which terms what is captured becomes the currency that the merchant settles in. */
export interface PublicExchange {
  quoteId: string;
  settleCurrency: string;
  /** As the merchant gets it, and as the market had it. */
  rate: string;
  marketRate: string;
  spreadPercent: string;
  source: string;
  observedAt: string;
}

export function presentPayment(request: PaymentRequest, state: PaymentState): PublicPayment {
  const isWaiting = waitsForChannel(state);
  return {
    id: publicId('payment', request.paymentId),
    object: 'payment',
    mode: request.mode,
    merchantId: publicId('merchant', request.merchantId),
    orderId: request.orderId,
    // Between "written down" and "the channel answered" there is nothing a merchant could do about the difference.
    status: state.status === 'pending' && !isWaiting ? 'processing' : state.status,
    amount: formatAmount(BigInt(request.amountMinor), request.currency),
    currency: request.currency,
    capturedAmount: formatAmount(BigInt(state.capturedMinor ?? 0), request.currency),
    refundedAmount: formatAmount(BigInt(state.refundedMinor ?? 0), request.currency),
    method: request.method ?? null,
    capture: request.capture ?? 'automatic',
    description: request.description,
    returnUrl: request.returnUrl ?? null,
    metadata: request.metadata,
    exchange: presentExchange(request),
    nextAction: isWaiting
      ? { type: 'wait', message: noChannelError.message }
      : state.status === 'requires_action'
        ? (state.nextAction ?? null)
        : null,
    lastError: state.lastError ?? null,
    attempts: state.attemptNo,
    createdAt: request.createdAt,
    updatedAt: state.updatedAt,
    expiresAt: request.expiresAt,
  };
}

function presentExchange({ conversion, currency }: PaymentRequest): PublicExchange | null {
  if (conversion === undefined) return null;
  const { quoteId, settleCurrency, market, merchant, spreadPercent, source, observedAt } = conversion;
  const pair = { source: currency, target: settleCurrency };
  return {
    quoteId: publicId('exchangeQuote', quoteId),
    settleCurrency,
    rate: showRatio(merchant, pair),
    marketRate: showRatio(market, pair),
    ...{ spreadPercent, source, observedAt },
  };
}
