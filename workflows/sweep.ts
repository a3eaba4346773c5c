import { proxyActivities } from '@temporalio/workflow';
import type { OperationsActivities } from '../activities';
import { heartbeatTimeout, type SweepInput } from './contracts';

const steps = proxyActivities<OperationsActivities>({
  startToCloseTimeout: '2m',
  // Nobody looks for the rest while a sweep is thought to be under way.
  heartbeatTimeout,
  // The next sweep comes anyway: one that can't be done soon is given up.
  retry: { maximumAttempts: 3, initialInterval: '2s', backoffCoefficient: 2 },
});

/** One round of looking for what was left lying; a schedule starts each kind at its interval. */
export async function sweep(input: SweepInput): Promise<Record<string, number>> {
  switch (input.kind) {
    case 'webhooks':
      return steps.sweepWebhooks();
    case 'payments':
      return steps.sweepPayments();
    case 'refunds':
      return { ...(await steps.sweepRefunds()), ...(await steps.sweepSuspense()) };
    case 'disputes':
      return steps.sweepDisputes();
    case 'callbacks':
      return steps.sweepCallbacks();
    case 'integrations':
      return steps.sweepIntegrations();
    case 'messages':
      return steps.sweepMessages();
    case 'rates':
      return steps.sweepRates();
    case 'maintenance':
      return steps.maintain();
  }
}
