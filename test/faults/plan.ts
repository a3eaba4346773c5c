import type { FaultKind } from '../../dev/sandboxes/parts/faults';
import type { DatabaseMoment } from './wire/database-wire';
import type { ProviderMoment } from './wire/provider-wire';
import type { Side } from './wire/trap';

/** A fault of the provider's sandbox, asked for by the story it strikes. */
export interface SandboxFault {
  kind: FaultKind;
  ms?: number;
  times?: number;
}

/** What a merchant and a customer do with one order, and how many operations that is. */
export const storyOperations = {
  /** Starts it, and the customer pays. */
  pay: 2,
  /** The customer is declined and goes away: it expires. */
  decline: 2,
  /** Declined, tried again, paid. */
  retry: 4,
  cancel: 2,
  /** Paid and cancelled at the same moment. */
  race: 3,
  /** Nobody comes: it expires. */
  abandon: 1,
  /** Fifty posts of one orderId at once, then paid. */
  burst: 2,
  /** The same orderId with another amount. */
  conflict: 3,
  /** Cancelled, and paid all the same. */
  late: 3,
  /** The start repeated after it was paid. */
  repeat: 3,
  /** Paid, and given back: all of it, in part, or more than there is by fifty requests at once. */
  refund: 3,
  /** Another merchant asks for it. */
  stranger: 3,
} as const;

export type StoryKind = keyof typeof storyOperations;

export interface Story {
  orderId: string;
  kind: StoryKind;
  amount: string;
  currency: string;
  /** Personal data that must be found in clear nowhere. */
  email: string;
  /** Strikes its creation at the provider. */
  creation?: SandboxFault;
  /** Strikes the event that tells of the payment. */
  webhook?: SandboxFault;
  /** The merchant hangs up after so long, and asks again. */
  hangUpAfterMs?: number;
  /** So many refunds at once, each of this amount; of all that is left, if none is named. */
  refunds?: { count: number; amount?: string; isTooMuch: boolean; fault?: SandboxFault };
  /** So many tries of its callbacks are answered 500, or not at all. */
  callback?: { refusals: number; isSilent: boolean };
}

/** What is done to the processes, one after the other, while stories are played. */
export type Disruption =
  | { kind: 'kill'; victim: Victim; at: 'provider'; moment: ProviderMoment; side: Side }
  | { kind: 'kill'; victim: Victim; at: 'database'; moment: DatabaseMoment; side: Side }
  | { kind: 'cut_provider'; moment: ProviderMoment; side: Side }
  | { kind: 'cut_database'; moment: DatabaseMoment; side: Side }
  | { kind: 'cut_every_database_connection' }
  | { kind: 'lock_payments'; ms: number }
  | { kind: 'restart_postgres'; signal: 'SIGINT' | 'SIGQUIT' }
  | { kind: 'restart_temporal'; signal: 'SIGTERM' | 'SIGKILL' };

export type Victim = 'api' | 'worker';

/** Strikes when the message of that order passes, or the next one that fits if that does not come. */
export type PlannedDisruption = Disruption & {
  orderId?: string;
  /** Its moment did not come before: the other process holds still until it does. */
  isSecondTry?: true;
};

export interface Plan {
  seed: number;
  operations: number;
  stories: Story[];
  disruptions: PlannedDisruption[];
  /** So many stories are begun for each disruption; some are left for those that have to be tried again. */
  storiesPerDisruption: number;
}
