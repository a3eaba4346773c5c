import { readArguments, UsageError } from '../../dev/read-arguments';
import { interruption } from '../../dev/interruption';
import { runChannelFaults } from './channels';
import { findingLines } from './finding';
import { runPaymentFaults, type FaultReport, type RunOptions } from './payments';

const groups: Record<string, (options: RunOptions) => Promise<FaultReport>> = {
  payments: runPaymentFaults,
  channels: runChannelFaults,
};

const operationsUsual = 2_000;
const operationsMax = 100_000;

async function main(): Promise<boolean> {
  const { values } = readArguments('faults', {
    options: {
      group: { type: 'string' },
      seed: { type: 'string' },
      operations: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  const seed = whole('seed', values.seed) ?? 1;
  const operations = whole('operations', values.operations) ?? operationsUsual;
  const names = values.group === undefined ? Object.keys(groups) : [values.group];
  const interrupted = interruption();

  let everythingHolds = true;
  for (const name of names) {
    const run = groups[name];
    if (run === undefined) throw new UsageError(`There is no group "${name}".`, 'faults');
    const say = (line: string): void => console.error(`[${name}] ${line}`);
    const report = await run({ seed, operations, isKept: values.keep, say, signal: interrupted });
    everythingHolds = print(name, report) && everythingHolds;
    if (!everythingHolds)
      console.log(`Again: npm run faults -- --group ${name} --seed ${seed} --operations ${operations}`);
  }
  return everythingHolds;
}

function print(group: string, { operations, faults, findings, notes }: FaultReport): boolean {
  console.log(`\n${group}: ${sum(operations)} operations`);
  printCounts(operations);
  console.log(`${sum(faults)} faults`);
  printCounts(faults);
  for (const note of notes) console.log(`# ${note}`);
  for (const finding of findings) for (const line of findingLines(finding)) console.log(line);
  const everythingHolds = findings.every(({ offenders }) => offenders.length === 0);
  console.log(everythingHolds ? 'Every promise holds.' : 'A promise is broken.');
  return everythingHolds;
}

function printCounts(counts: Readonly<Record<string, number>>): void {
  for (const [kind, count] of Object.entries(counts).sort(([one], [other]) => one.localeCompare(other))) {
    console.log(`  ${kind.padEnd(44)} ${String(count).padStart(7)}`);
  }
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (
    !/^[0-9]{1,9}$/.test(text) ||
    Number(text) < 1 ||
    (name === 'operations' && Number(text) > operationsMax)
  ) {
    const range = name === 'operations' ? `from 1 to ${operationsMax}` : 'from 1';
    throw new UsageError(`--${name} wants a whole number ${range}, not "${text}".`, 'faults');
  }
  return Number(text);
}

main().then(
  (everythingHolds) => process.exit(everythingHolds ? 0 : 1),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
