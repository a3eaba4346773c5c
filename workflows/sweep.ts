import { proxyActivities } from '@temporalio/workflow';
import type { OperationsActivities } from '../activities';
import type { SweepInput } from './contracts';

const { sweepWebhooks, sweepPayments, sweepRefunds, sweepSuspense, sweepDisputes, maintain } =
  proxyActivities<OperationsActivities>({
    startToCloseTimeout: '2m',
    // The next sweep comes anyway: one that can't be done soon is given up.
    retry: { maximumAttempts: 3, initialInterval: '2s', backoffCoefficient: 2 },
  });

/** One round of looking for what was left lying; a schedule starts each kind at its interval. */
export async function sweep(input: SweepInput): Promise<Record<string, number>> {
  switch (input.kind) {
    case 'webhooks':
      return sweepWebhooks();
    case 'payments':
      return sweepPayments();
    case 'refunds':
      return { ...(await sweepRefunds()), ...(await sweepSuspense()) };
    case 'disputes':
      return sweepDisputes();
    case 'maintenance':
      return maintain();
  }
}
