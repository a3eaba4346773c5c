import type { BenchContext, Measurement, MetricDeclaration } from '../../metric';

/** Several small measurements make this group; each brings its own metrics. */
export interface Part {
  metrics: readonly MetricDeclaration[];
  run(context: BenchContext): Promise<Measurement>;
}
