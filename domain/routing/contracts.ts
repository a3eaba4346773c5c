/** A channel a payment could go through, in the words routing decides on. */
export interface RoutingCandidate {
  channelConfigId: string;
  channel: string;
  currencies: readonly string[];
  isEnabled: boolean;
  methods: readonly string[];
  manualCapture: boolean;
}

export interface RoutingQuestion {
  currency: string;
  provider?: string;
  method?: string;
  capture?: 'automatic' | 'manual';
}

/** Kept on the payment: who was considered, in which order, and why each was taken or passed over. */
export interface RoutingDecision {
  chosen: string[];
  considered: { channelConfigId: string; channel: string; reason: string }[];
}

export type ChannelRouter = (
  question: RoutingQuestion,
  candidates: readonly RoutingCandidate[],
) => RoutingDecision;
