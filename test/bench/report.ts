import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Machine } from './machine';
import type { Measurement, Result } from './metric';

export interface GroupReport {
  group: string;
  results: Result[];
  measurement: Measurement;
}

function showValue(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : 'not measured';
}

/** `name value goal pass`, as scripts read it. */
export function resultLine({ name, value, goal, pass }: Result): string {
  return `${name} ${showValue(value).replace(' ', '_')} ${goal} ${pass}`;
}

export function jsonLine(reports: readonly GroupReport[], machine: Machine, isConclusive: boolean): string {
  const metrics = reports.flatMap(({ results }) => results);
  return JSON.stringify({ metrics, machine, inconclusive: !isConclusive });
}

const table = path.join(__dirname, '..', '..', 'docs', 'benchmarks.md');

/** Only a run of every group is worth keeping: half a table would look like a whole one. */
export async function writeTable(
  reports: readonly GroupReport[],
  machine: Machine,
  measuredOn: Date,
): Promise<void> {
  const lines = [
    '# Benchmarks',
    '',
    'Written by `npm run bench`; test/bench says how each figure comes about. Ratios are medians of interleaved',
    'pairs in one run, so they hold on other machines; the absolute figures are of this one:',
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}, Node ${machine.node},`,
    `on ${measuredOn.toISOString().slice(0, 10)}. Load generator, provider and servers share its cores.`,
  ];
  for (const { group, results, measurement } of reports) {
    lines.push('', `## ${group}`, '', '| metric | value | goal | met |', '| --- | --- | --- | --- |');
    for (const { name, value, goal, pass } of results) {
      lines.push(`| \`${name}\` | ${showValue(value)} | ${goal} | ${pass ? 'yes' : 'no'} |`);
    }
    const aa = Object.entries(measurement.againstItself).map(
      ([name, ratio]) => `${name} ${ratio.toFixed(3)}`,
    );
    if (aa.length > 0) lines.push('', `Against itself: ${aa.join(', ')}.`);
    if (measurement.notes.length > 0) lines.push('', ...measurement.notes.map((note) => `- ${note}`));
  }
  await writeFile(table, `${lines.join('\n')}\n`);
}
