import type { Mode } from '../payment/reference';
import type { ChannelAmounts } from './amounts';
import type { MaintenanceWindow } from './maintenance';

/** What an operator said by hand. `drain`: nothing new, but what has begun may still go there. */
export type ChannelSwitch = 'on' | 'off' | 'drain';

/** Smallest units, as digits. */
export interface ChannelLimit {
  min?: string;
  max?: string;
  /** What may be taken in one day (UTC). */
  perDay?: string;
}

/** A channel a payment could go through, in the words routing decides on. */
export interface RoutingCandidate {
  channelConfigId: string;
  channel: string;
  currencies: readonly string[];
  isEnabled: boolean;
  /** By which it takes money at once. */
  methods: readonly string[];
  /** By which it reserves money for a later capture. */
  methodsToReserve: readonly string[];
  /** It keeps customers and their payment methods. */
  keepsMethods?: boolean;
  /** Left out: on. */
  switched?: ChannelSwitch;
  /** What the channel itself takes, whatever is configured; left out: any amount. */
  amounts?: readonly ChannelAmounts[];
  /** What an operator has set, by currency. */
  limits?: Readonly<Record<string, ChannelLimit>>;
  maintenance?: readonly MaintenanceWindow[];
  /** Its part of the traffic beside others, and what its score is multiplied by: 100 is usual. */
  weight?: number;
  /** Lower comes first: 100 is usual. */
  priority?: number;
}

export interface RoutingQuestion {
  currency: string;
  provider?: string;
  method?: string;
  capture?: 'automatic' | 'manual';
  /** Whose rules hold; left out: the usual ones. */
  mode?: Mode;
  /** What is left out meets no condition about it. */
  amount?: bigint;
  merchantId?: string;
  /** Seeds every draw: the same payment under the same facts is always decided alike. */
  paymentId?: string;
  country?: string;
  riskScore?: number;
  /** The payment has begun: a channel that drains may still take it. */
  isUnderWay?: boolean;
  /** What the channel would charge us for it, smallest units; undefined where no plan says. */
  costOf?: (channelConfigId: string) => bigint | undefined;
}

export interface ConsideredChannel {
  channelConfigId: string;
  channel: string;
  reason: string;
}

/** Kept on the payment: who was considered, why each was taken or passed over, and who is tried in which order. */
export interface RoutingDecision {
  chosen: string[];
  considered: ConsideredChannel[];
  /** They fit, and cannot be used just now; the first would have been tried first. */
  notNow?: string[];
  /** If nobody is left: those that would take it but for its amount. */
  onlyForAmount?: string[];
  /** Left out where the usual document holds and no rule matched. */
  by?: { version: number; strategy: string; rules: string[] };
  /** Tried first only to learn whether it works again. */
  explored?: string;
}

export type ChannelRouter = (
  question: RoutingQuestion,
  candidates: readonly RoutingCandidate[],
) => RoutingDecision;

/** What has been seen of a channel lately. */
export interface ChannelFacts {
  breaker: 'closed' | 'open' | 'half_open';
  isAiling: boolean;
  /** Of the window: calls, those that failed, and the mean time of an answer. */
  calls: number;
  failed: number;
  latencyMs: number;
  approved: number;
  declined: number;
  /** It has had no traffic for so long that one payment should find out how it is. */
  isProbeDue: boolean;
  /** Taken since midnight (UTC), by currency, smallest units. */
  takenToday: Readonly<Record<string, bigint>>;
}

export interface RoutingFacts {
  now(): number;
  /** Undefined: nothing is known, which speaks neither for nor against it. */
  of(channelConfigId: string): ChannelFacts | undefined;
}
