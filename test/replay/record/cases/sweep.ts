import { sweepKinds, taskQueues, workflowNames, type SweepInput } from '../../../../workflows/contracts';
import type { RecordingCase } from '../case';

/** Schedules start the same workflow with the same input. */
export const sweepCases: readonly RecordingCase[] = sweepKinds.map((kind) => ({
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
