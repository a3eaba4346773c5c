import { proxyActivities } from '@temporalio/workflow';
import type { OperationsActivities } from '../activities';
import { heartbeatTimeout, type LateInput } from './contracts';
import { regular } from './support/activities';
import { untilOver } from './support/releasing';

const { recordLate } = proxyActivities<OperationsActivities>({
  startToCloseTimeout: '30s',
  heartbeatTimeout,
  scheduleToCloseTimeout: '24h',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/** How often a channel is asked to give a reservation back that it keeps. */
const pace = { pollMs: 30_000, pollMsMax: 3_600_000 };

/**
 * An event that came when its payment's workflow had ended, or had gone on to another attempt: a repetition, money that
 * must not be dropped, or a reservation that nobody will capture.
 */
export async function late({ inboxId }: LateInput): Promise<{ outcome: string }> {
  const outcome = await recordLate(inboxId);
  if (outcome === 'reserved_in_vain') await untilOver(() => regular.releaseReservation(inboxId), pace);
  return { outcome };
}
