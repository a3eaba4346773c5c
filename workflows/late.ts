import { proxyActivities } from '@temporalio/workflow';
import type { OperationsActivities } from '../activities';
import { heartbeatTimeout, type LateInput } from './contracts';

const { recordLate } = proxyActivities<OperationsActivities>({
  startToCloseTimeout: '30s',
  heartbeatTimeout,
  scheduleToCloseTimeout: '24h',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/** An event that came when its payment's workflow had ended: a repetition, or money that must not be dropped. */
export async function late(input: LateInput): Promise<{ outcome: string }> {
  return { outcome: await recordLate(input.inboxId) };
}
