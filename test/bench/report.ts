import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Machine } from './machine';
import { groupNames, type Measurement, type Result } from './metric';
import { hasDrifted } from './pairing';

export interface GroupReport {
  group: string;
  results: Result[];
  measurement: Measurement;
}

function isConclusive({ againstItself }: Measurement): boolean {
  return !Object.values(againstItself).some(hasDrifted);
}

export function isEachConclusive(reports: readonly GroupReport[]): boolean {
  return reports.every(({ measurement }) => isConclusive(measurement));
}

function showValue(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : 'not measured';
}

/** `name value goal pass`, as scripts read it. */
export function resultLine({ name, value, goal, pass }: Result): string {
  return `${name} ${showValue(value).replace(' ', '_')} ${goal} ${pass}`;
}

export function jsonLine(reports: readonly GroupReport[], machine: Machine): string {
  const metrics = reports.flatMap(({ results }) => results);
  return JSON.stringify({ metrics, machine, inconclusive: !isEachConclusive(reports) });
}

const table = path.join(__dirname, '..', '..', 'docs', 'benchmarks.md');

const introduction = `# Benchmarks

Written by \`npm run bench\`; test/bench says how each figure comes about. Ratios are medians of interleaved pairs in one
run, so they hold on other machines; the absolute figures are of the one named. Load generator, provider and servers
share its cores.

A run is conclusive if what was measured against itself came out within a tenth of 1. A group's part is replaced by its
next conclusive run; until there was one, its last run stands in its place and says so.
`;

export interface Occasion {
  machine: Machine;
  /** As git names it; empty outside a checkout. */
  commit: string;
  measuredOn: Date;
}

function partOf({ group, results, measurement }: GroupReport, occasion: Occasion): string {
  const { machine, commit, measuredOn } = occasion;
  const at = commit === '' ? '' : ` at ${commit}`;
  const against = Object.entries(measurement.againstItself).map(
    ([name, ratio]) => `${name} ${ratio.toFixed(3)}`,
  );
  const drifted = isConclusive(measurement) ? [] : [inconclusive];
  return [
    `## ${group}`,
    '',
    `Measured on ${measuredOn.toISOString().slice(0, 10)}${at}: ${machine.cpu}, ${machine.cores} cores, ` +
      `${machine.memoryGiB} GiB, ${machine.platform}, Node ${machine.node}.`,
    '',
    '| metric | value | goal | met |',
    '| --- | --- | --- | --- |',
    ...results.map(
      ({ name, value, goal, pass }) =>
        `| \`${name}\` | ${showValue(value)} | ${goal.replace('>=', '≥ ').replace('<=', '≤ ')} | ${pass ? 'yes' : 'no'} |`,
    ),
    ...(against.length === 0 ? [] : ['', [...drifted, `Against itself: ${against.join(', ')}.`].join(' ')]),
    ...(measurement.notes.length === 0 ? [] : ['', ...measurement.notes.map((note) => `- ${note}`)]),
  ].join('\n');
}

const inconclusive = '**Inconclusive.**';

/** The document with these groups' parts new, the others' as they were, all in the order of the groups. */
export function withParts(document: string, reports: readonly GroupReport[], occasion: Occasion): string {
  const parts = new Map<string, string>();
  for (const part of document.split(/^(?=## )/m)) {
    const name = /^## (.+)$/m.exec(part)?.[1];
    if (part.startsWith('## ') && name !== undefined) parts.set(name, part.trim());
  }
  for (const report of reports) {
    const stands = parts.get(report.group);
    const isBetter = stands === undefined || stands.includes(inconclusive);
    if (isBetter || isConclusive(report.measurement)) parts.set(report.group, partOf(report, occasion));
  }
  const inOrder = groupNames.flatMap((name) => parts.get(name) ?? []);
  return `${[introduction.trim(), ...inOrder].join('\n\n')}\n`;
}

export async function keep(reports: readonly GroupReport[], occasion: Occasion): Promise<void> {
  const before = await readFile(table, 'utf8').catch(() => '');
  await writeFile(table, withParts(before, reports, occasion));
}
