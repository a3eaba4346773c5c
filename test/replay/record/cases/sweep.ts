import { taskQueues, workflowNames, type SweepInput, type SweepKind } from '../../../../workflows/contracts';
import type { RecordingCase } from '../case';

const kinds: readonly SweepKind[] = ['webhooks', 'payments', 'refunds', 'disputes', 'maintenance'];

/** Schedules start the same workflow with the same input. */
export const sweepCases: readonly RecordingCase[] = kinds.map((kind) => ({
  name: `sweep/${kind}`,
  async play(stage) {
    const input: SweepInput = { kind };
    return stage.step('operator', `sweeps ${kind}`, () =>
      stage.client.workflow.start(workflowNames.sweep, {
        workflowId: `sweep/by-hand-${kind}`,
        taskQueue: taskQueues.operations,
        args: [input],
      }),
    );
  },
}));
