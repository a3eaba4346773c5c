import type { Payer } from '../../domain/fees/terms';
import type { PaymentSetup, Prices } from '../../domain/payment/plan';
import type { Mode } from '../../domain/payment/reference';
import type { Queryable } from '../pool';
import { loadFeePlansInEffect } from '../stores/fee-plans-store';

export interface PricesWanted {
  merchantId: string;
  mode: Mode;
  currencies: readonly string[];
  channelConfigIds: readonly string[];
}

/** They may be some minutes old: they only decide which tier of a plan holds. */
export interface VolumeSources {
  monthVolumesOf(merchantId: string, mode: Mode): Promise<PaymentSetup['monthVolumes']>;
  channelVolumes(): Promise<PaymentSetup['channelVolumes']>;
}

/** The plans that held at a moment; volumes are only asked for where one has tiers. */
export async function loadPrices(
  database: Queryable,
  { merchantId, mode, ...wanted }: PricesWanted,
  at: Date,
  sources: VolumeSources,
): Promise<Prices> {
  const feePlans = await loadFeePlansInEffect(database, { merchantId, ...wanted }, at);
  const isTiered = (payer: Payer) =>
    feePlans.some(({ scope, terms }) => scope.payer === payer && terms.tiers.length > 1);
  return {
    merchantId,
    feePlans,
    monthVolumes: isTiered('merchant') ? await sources.monthVolumesOf(merchantId, mode) : {},
    channelVolumes: isTiered('platform') ? await sources.channelVolumes() : {},
  };
}
