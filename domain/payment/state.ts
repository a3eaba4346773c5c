import type { ChannelError, NextAction } from './outcome';
import type { PaymentStatus } from './status';

/** What changes while a payment lives. `version` grows by one with every change that is written. */
export interface PaymentState {
  status: PaymentStatus;
  version: number;
  attemptNo: number;
  nextAction?: NextAction;
  lastError?: ChannelError;
  /** Digits, smallest units; left out while nothing has moved. */
  capturedMinor?: string;
  refundedMinor?: string;
  /** A dispute withholds, or has taken, what was captured while more may be: so it ends as disputed. */
  isPartDisputed?: boolean;
  updatedAt: string;
}
