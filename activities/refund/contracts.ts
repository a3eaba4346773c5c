import type { RefundStatus } from '../../domain/refund/status';
import type { Paused } from '../pause';

/** What a refund's workflow carries from step to step; the rest stands in the row. */
export interface RefundProgress extends Partial<Paused> {
  status: RefundStatus;
  /** Set aside, so that it may be sent. */
  isReserved: boolean;
  ownedBy?: string;
}
