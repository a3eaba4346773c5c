import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { readArguments, UsageError } from '../../dev/read-arguments';
import { interruption } from '../../dev/interruption';
import { describeMachine } from './machine';
import { groupNames, judge, type BenchGroup } from './metric';
import { hasDrifted } from './pairing';
import { isEachConclusive, jsonLine, keep, resultLine, type GroupReport } from './report';

/** A group is a folder: who adds one touches no list. */
const groupFolder = path.join(__dirname, 'groups');
const groups = groupNames.filter((name) => existsSync(path.join(groupFolder, name, 'index.ts')));

const exitCodes = { everyGoalHolds: 0, goalMissed: 1, inconclusive: 2 } as const;

function loadGroups(only: string | undefined): BenchGroup[] {
  const wanted = groups.filter((name) => only === undefined || name === only);
  if (wanted.length === 0) throw new UsageError(`There is no group "${only}".`, 'bench');
  return wanted.map((name) => {
    const { group } = module.require(path.join(groupFolder, name)) as { group: BenchGroup };
    if (group.name !== name) throw new Error(`groups/${name} calls itself ${group.name}`);
    return group;
  });
}

async function runGroup(group: BenchGroup, signal: AbortSignal): Promise<GroupReport> {
  const say = (line: string): void => console.error(`[${group.name}] ${line}`);
  const measurement = await group.run({ say, signal });
  const results = judge(group, measurement);
  if (measurement.isShortened) console.log('# SHORTENED: these figures say nothing about the goals');
  for (const result of results) console.log(resultLine(result));
  for (const note of measurement.notes) console.log(`# ${note}`);
  for (const [name, ratio] of Object.entries(measurement.againstItself)) {
    console.log(`# ${name} against itself: ${ratio.toFixed(3)}${hasDrifted(ratio) ? ' – inconclusive' : ''}`);
  }
  return { group: group.name, results, measurement };
}

function commitHere(): string {
  try {
    const describe = ['describe', '--always', '--dirty', '--exclude', '*'];
    return execFileSync('git', describe, { cwd: __dirname, encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return '';
  }
}

async function main(): Promise<number> {
  const { values } = readArguments('bench', {
    options: { json: { type: 'boolean' }, only: { type: 'string' } },
  });
  const wanted = loadGroups(values.only);
  const interrupted = interruption();

  const reports: GroupReport[] = [];
  for (const group of wanted) reports.push(await runGroup(group, interrupted));

  const machine = describeMachine();
  const whole = reports.filter(({ measurement }) => !measurement.isShortened);
  if (whole.length > 0) await keep(whole, { machine, commit: commitHere(), measuredOn: new Date() });
  const isConclusive = isEachConclusive(reports);
  if (!isConclusive) console.log('inconclusive');
  if (values.json) console.log(jsonLine(reports, machine));
  if (!isConclusive) return exitCodes.inconclusive;
  const everyGoalHolds = reports.every(({ results }) => results.every(({ pass }) => pass));
  return everyGoalHolds ? exitCodes.everyGoalHolds : exitCodes.goalMissed;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(exitCodes.goalMissed);
  },
);
