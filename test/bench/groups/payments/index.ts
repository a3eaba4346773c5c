import { startLoadClient } from '../../load/load-client';
import type { BenchContext, BenchGroup, Measurement, MetricDeclaration } from '../../metric';
import { measureAgainstFloors } from './against-floors';
import { measureManyOpen } from './many-open';
import { benchSize } from './size';

const metrics: readonly MetricDeclaration[] = [
  { name: 'payments.throughput_vs_update_with_start', goal: { atLeast: 1 } },
  { name: 'payments.throughput_vs_eager_floor', goal: { atLeast: 0.7 } },
  { name: 'payments.post_p50_vs_update_with_start', goal: { atMost: 0.5 } },
  { name: 'payments.post_p50_vs_eager_floor', goal: { atMost: 2 } },
  { name: 'payments.post_p95_vs_eager_floor', goal: { atMost: 1.5 } },
  { name: 'payments.history_events', goal: { atMost: 16 } },
  { name: 'payments.workflow_tasks', goal: { atMost: 2 } },
  { name: 'webhook.ack_p99_vs_insert', goal: { atMost: 3 } },
  { name: 'payments.throughput_with_20k_open_vs_empty', goal: { atLeast: 0.9 } },
];

/** Whole payments against no-op ones and events against inserts; then payments among thousands that wait. */
async function run(context: BenchContext): Promise<Measurement> {
  const size = benchSize();
  const load = await startLoadClient();
  try {
    const course = { context, load, size };
    const measured = [...(await measureAgainstFloors(course)), await measureManyOpen(course)];
    return {
      values: Object.assign({}, ...measured.map(({ values }) => values)) as Measurement['values'],
      againstItself: Object.assign(
        {},
        ...measured.map(({ againstItself }) => againstItself),
      ) as Measurement['againstItself'],
      notes: measured.flatMap(({ notes }) => notes),
      isShortened: size.isShort,
    };
  } finally {
    await load.stop();
  }
}

export const group: BenchGroup = { name: 'payments', metrics, run };
