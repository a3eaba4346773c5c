import type { BenchContext, BenchGroup, Measurement } from '../../metric';
import type { Part } from './part';
import { pipeline } from './pipeline';
import { routingDecision } from './routing-decision';

const parts: readonly Part[] = [pipeline, routingDecision];

async function run(context: BenchContext): Promise<Measurement> {
  const whole: Measurement = { values: {}, againstItself: {}, notes: [] };
  for (const part of parts) {
    const { values, againstItself, notes } = await part.run(context);
    Object.assign(whole.values, values);
    Object.assign(whole.againstItself, againstItself);
    whole.notes.push(...notes);
  }
  return whole;
}

export const group: BenchGroup = {
  name: 'channels',
  metrics: parts.flatMap(({ metrics }) => metrics),
  run,
};
