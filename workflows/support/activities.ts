import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { PaymentActivities } from '../../activities';
import { heartbeatTimeout } from '../contracts';

// Shorter than the request's patience and the workflow task's time-out, so that neither ends before it does.
export const local = proxyLocalActivities<PaymentActivities>({
  scheduleToCloseTimeout: '3500ms',
  retry: { maximumAttempts: 1 },
});

export const regular = proxyActivities<PaymentActivities>({
  startToCloseTimeout: '45s',
  // Somebody else goes on soon after a process died in the middle of it; workers/heartbeats.ts beats.
  heartbeatTimeout,
  scheduleToCloseTimeout: '24h',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});
