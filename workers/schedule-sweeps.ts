import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import type { Settings } from '../config/settings';
import {
  sweepKinds,
  workflowNames,
  workflowTaskTimeout,
  type SweepInput,
  type SweepKind,
  type TaskQueues,
} from '../workflows/contracts';
import type { Temporal } from './temporal';

interface ScheduleDeps {
  settings: Settings;
  temporal: Temporal;
  queues: TaskQueues;
}

/** The schedules' work is for this process: it is there for what lies in the queue before it sees to them. Safe to repeat. */
export async function scheduleSweeps({ settings, temporal, queues }: ScheduleDeps): Promise<void> {
  for (const kind of sweepKinds) {
    await ensureSweep(temporal.client, queues, kind, intervalOf(kind, settings));
  }
}

function intervalOf(kind: SweepKind, settings: Settings): number {
  switch (kind) {
    case 'maintenance':
      return 86_400_000;
    case 'integrations':
      return settings.HEALTH_CHECK_INTERVAL_MS;
    case 'rates':
      return settings.EXCHANGE_FETCH_INTERVAL_MS;
    case 'webhooks':
    case 'payments':
    case 'refunds':
    case 'disputes':
    case 'callbacks':
    case 'messages':
      return settings.SWEEP_INTERVAL_MS;
  }
}

/** The interval is brought to this build's setting; a sweep that takes longer than it is not overtaken. */
async function ensureSweep(
  client: Client,
  queues: TaskQueues,
  kind: SweepKind,
  everyMs: number,
): Promise<void> {
  const input: SweepInput = { kind };
  const scheduleId = `${queues.operations}-sweep-${kind}`;
  const spec = { intervals: [{ every: everyMs }] };
  const action = {
    type: 'startWorkflow' as const,
    workflowType: workflowNames.sweep,
    workflowId: `sweep/${scheduleId}`,
    taskQueue: queues.operations,
    args: [input],
    workflowTaskTimeout,
  };
  const policies = { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1m' as const };
  try {
    await client.schedule.create({ scheduleId, spec, action, policies });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(scheduleId).update((known) => ({ ...known, spec, action, policies }));
  }
}
