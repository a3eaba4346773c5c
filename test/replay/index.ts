import { readArguments } from '../../dev/read-arguments';
import { workflowBundle } from '../../workers/bundle';
import { readHistory, recordedNames } from './history-files';
import { cases } from './record/cases';
import { record } from './record/record';
import { installReplayRuntime, replay, type Replayed } from './replay';
import { workflowNames } from '../../workflows/contracts';

/**
 * `npm run replay`: every recorded history against today's workflows.
 * `npm run replay -- --record CASE`: plays a case on a stack of its own and adds its history; `missing` stands for
 * all that have none yet. `--list` names the cases.
 */
async function main(): Promise<void> {
  const { values } = readArguments('replay', {
    options: { record: { type: 'string', multiple: true }, list: { type: 'boolean', default: false } },
  });
  const recorded = await recordedNames();
  if (values.list) {
    for (const { name } of cases)
      console.log(`${recorded.includes(name) ? 'recorded' : '        '}  ${name}`);
  } else if (values.record) {
    await record(values.record, recorded);
  } else {
    await replayAll(recorded);
  }
}

async function replayAll(recorded: readonly string[]): Promise<void> {
  installReplayRuntime();
  const histories = await Promise.all(recorded.map((name) => readHistory(name)));
  const results = [...(await replay(await workflowBundle(undefined), histories)), ...unrecorded(recorded)];
  for (const { name, problem } of results) {
    if (problem === undefined) continue;
    const at = problem.eventId === undefined ? '' : `, event ${problem.eventId}`;
    console.log(`${name}${at}: ${problem.message}`);
  }
  const failed = results.filter(({ problem }) => problem !== undefined).length;
  if (failed > 0) process.exitCode = 1;
  console.log(`${results.length - failed} passed, ${failed} failed`);
}

/** A workflow without any history would be changed without anybody noticing what that breaks. */
function unrecorded(recorded: readonly string[]): Replayed[] {
  return Object.values(workflowNames)
    .filter((workflow) => !recorded.some((name) => name.startsWith(`${workflow}/`)))
    .map((name) => ({
      name,
      problem: { message: 'this workflow has no recorded history: npm run replay -- --list' },
    }));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
