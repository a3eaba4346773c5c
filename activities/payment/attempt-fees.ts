import { loadAttemptFees } from '../../db/stores/attempt-fees-store';
import type { ChannelFees } from '../../domain/fees/contracts';
import { chargedPlans } from '../../domain/fees/payment-fees';
import { feesOf } from '../../domain/payment/plan';
import type { OpenedPayment } from './contracts';
import type { PaymentDeps } from './deps';
import type { Writing } from './writing';

/**
 * What an attempt costs by the plans that held when its payment began, to be pinned with it. Undefined: that was pinned
 * with the payment already, as for every channel that its first routing decision knew.
 */
export function createPinAttempt(deps: Pick<PaymentDeps, 'pricesAt'>) {
  return async function pinAttempt(
    { request, fees }: OpenedPayment,
    { channelConfigId, method = request.method }: { channelConfigId: string; method?: string },
  ): Promise<ChannelFees | undefined> {
    if (method === request.method && fees?.[channelConfigId] !== undefined) return undefined;
    const { merchantId, mode, currency, createdAt } = request;
    const wanted = { merchantId, mode, currencies: [currency], channelConfigIds: [channelConfigId] };
    const prices = await deps.pricesAt(wanted, new Date(createdAt));
    return feesOf(prices, { currency, method }, [channelConfigId])?.[channelConfigId] ?? {};
  };
}

/** What was pinned for the attempt that a charge is of, which need not be the current one. */
export async function feesOfCharge(
  { database }: Pick<PaymentDeps, 'database'>,
  { request, fees, attempt }: OpenedPayment,
  { charge, ...writing }: Writing,
): Promise<ChannelFees | undefined> {
  if (charge?.disposition !== 'payment') return undefined;
  const charged = {
    attemptNo: writing.attemptNo ?? attempt.attemptNo,
    channelConfigId: writing.channelConfigId ?? attempt.channelConfigId,
    currency: charge.currency,
  };
  // The first attempt is what the payment was planned for.
  const attemptFees =
    charged.attemptNo === 1 ? undefined : await loadAttemptFees(database, request.paymentId);
  return chargedPlans({ fees, attemptFees, currency: request.currency }, charged);
}
