import type { ChannelRouter, RoutingCandidate } from './contracts';

/** What a payment has to do with payment methods that channels keep. */
export interface KeptWish {
  /** Kept by this channel: no other can charge it. */
  savedMethod?: { channelConfigId: string };
  /** What it is paid with is to be kept for this customer. */
  saveMethodFor?: string;
}

/** The router, but for channels that can't do with kept methods what the payment wants. */
export function routerFor(route: ChannelRouter, wish: KeptWish): ChannelRouter {
  if (wish.savedMethod === undefined && wish.saveMethodFor === undefined) return route;
  return (question, candidates) => {
    const able = candidates.filter((candidate) => whyNot(wish, candidate) === undefined);
    const decision = route(question, able);
    const passedOver = candidates.flatMap((candidate) => {
      const reason = whyNot(wish, candidate);
      const { channelConfigId, channel } = candidate;
      return reason === undefined ? [] : [{ channelConfigId, channel, reason }];
    });
    return { ...decision, considered: [...decision.considered, ...passedOver] };
  };
}

function whyNot({ savedMethod, saveMethodFor }: KeptWish, candidate: RoutingCandidate): string | undefined {
  if (savedMethod !== undefined && savedMethod.channelConfigId !== candidate.channelConfigId) {
    return 'another channel keeps the payment method';
  }
  if (saveMethodFor !== undefined && candidate.keepsMethods !== true) return 'keeps no payment methods';
  return undefined;
}
