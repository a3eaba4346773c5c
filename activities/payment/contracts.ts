import type { ChargeStatus } from '../../domain/payment/outcome';
import type { AttemptStatus } from '../../domain/payment/react';
import type { PinnedConversion } from '../../domain/exchange/conversion';
import type { PinnedFees } from '../../domain/fees/contracts';
import type { PaymentRules } from '../../domain/payment/plan';
import type { PaymentMethod, PaymentRequest } from '../../domain/payment/request';
import type { PaymentState } from '../../domain/payment/state';
import type { RoutingDecision } from '../../domain/routing/contracts';

/** What a payment's workflow carries from step to step. */
export interface OpenedPayment {
  kind: 'open';
  request: PaymentRequest;
  state: PaymentState;
  callbackEndpointId?: string;
  attempt: CurrentAttempt;
  /** Pinned when the payment opened; histories from before there were any have none. */
  rules?: PaymentRules;
  fees?: PinnedFees;
  /** Only where the merchant settles in another currency. */
  conversion?: PinnedConversion;
  /** Only of a payment that is opened again: older attempts that the customer may still begin. */
  unbegun?: CurrentAttempt[];
  /** Channels that have not been tried, in the order of the routing decision. */
  channelsLeft: string[];
  /** When the workflow will look again by itself; written with every change, for the sweep. */
  wakeAt: string;
  /** The last change was found written by an earlier run, so what followed it may have been done as well. */
  isRepeated?: boolean;
  /** The change was not made: others of this payment's own had come before it, and this is how they have left it. */
  isOvertaken?: boolean;
  /** The news named a charge that is another payment's, so it was set aside: an operator has to look. */
  isChargeTaken?: boolean;
}

export interface CurrentAttempt {
  attemptNo: number;
  channelConfigId: string;
  channel: string;
  status: AttemptStatus;
  providerRef?: string;
  sentAt: string;
  /** Where it goes another way than the payment began. */
  method?: PaymentMethod;
  /** It was declined, and the channel lets the customer try again at the same charge. */
  isStillPayable?: boolean;
}

/** What a step gives back: the request is the workflow's own already, and would only swell its history. */
export type LeanPayment = Omit<OpenedPayment, 'request'>;

/** Another run owns this orderId: this one had no effect. */
export interface OwnedElsewhere {
  kind: 'owned';
  paymentId: string;
  state: PaymentState;
}

/** Where news came from: kept with the change, and its key tells a repeated run from a new one. */
export interface Cause {
  by: 'webhook' | 'poll' | 'answer' | 'expiry' | 'resolve' | 'deadline' | 'merchant' | 'operator';
  key: string;
  /** Whose key it was, and what the person said who decided. */
  keyId?: string;
  reason?: string;
  /** The channel was chosen anew with this change. */
  routing?: RoutingDecision;
}

export interface RecordNews {
  payment: OpenedPayment;
  /** Whose news it is: not always the current attempt. */
  attemptNo: number;
  channelConfigId: string;
  news: ChargeStatus;
  cause: Cause;
  inboxIds: string[];
  wakeAt?: string;
}
