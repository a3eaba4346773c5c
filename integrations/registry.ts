import type { Caller } from './call';
import { createEcpay } from './channels/ecpay';
import { ecpayWebhook } from './channels/ecpay/webhook';
import { createKpay } from './channels/kpay';
import { kpayWebhook } from './channels/kpay/webhook';
import { createStripe } from './channels/stripe';
import { stripeTerms } from './channels/stripe/terms';
import { stripeWebhook } from './channels/stripe/webhook';
import { createTpay } from './channels/tpay';
import { tpayWebhook } from './channels/tpay/webhook';
import type { ChannelWebhook, PaymentProvider, UsualTerms } from './channels/payment-provider';
import type { HttpClient } from './http-exchange';

/** By channel, where its provider publishes them. */
export const usualTerms: Readonly<Record<string, UsualTerms>> = { stripe: stripeTerms };

export interface RegistryDependencies {
  caller: Caller;
  http: HttpClient;
  now: () => Date;
}

/** From a channel's name, as configurations carry it, to its two halves; undefined if this build has no such channel. */
export interface Registry {
  readonly channels: readonly string[];
  provider(channel: string): PaymentProvider | undefined;
  webhook(channel: string): ChannelWebhook | undefined;
}

export function createRegistry(deps: RegistryDependencies): Registry {
  const providers = byName([createKpay(deps), createTpay(deps), createStripe(deps), createEcpay(deps)]);
  const webhooks = byName([kpayWebhook, tpayWebhook, stripeWebhook, ecpayWebhook]);
  return {
    channels: [...providers.keys()],
    provider: (channel) => providers.get(channel),
    webhook: (channel) => webhooks.get(channel),
  };
}

function byName<Half extends { readonly name: string }>(halves: Half[]): Map<string, Half> {
  return new Map(halves.map((half) => [half.name, half]));
}
