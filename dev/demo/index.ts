import { parseArgs } from 'node:util';
import { interruptedCode, interruption } from '../interruption';
import { readStackFile, stateFolder, type StackFile } from '../stack/stack-file';
import { foreignFaults } from './foreign-faults';
import { stories } from './registry';
import { createStage, StoryFailed } from './stage';
import type { Story } from './story';

const usage = 'npm run demo [-- --story NAME] [-- --list]';

/** `npm run demo`: plays a story against the stack that runs. Exit code 0 only if every step happened. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { story: { type: 'string', default: 'payment' }, list: { type: 'boolean', default: false } },
  });
  if (values.list) {
    for (const { name, summary } of stories) console.log(`${name.padEnd(12)}  ${summary}`);
    return;
  }
  const story = stories.find(({ name }) => name === values.story);
  if (story === undefined) {
    const names = stories.map(({ name }) => name).join(', ');
    throw new Error(`There is no story "${values.story}"; there is: ${names}.`);
  }
  const stack = readStackFile();
  if (stack === undefined) {
    throw new Error(
      `No stack runs in ${stateFolder()}: start one with npm start, and wait until it is ready.`,
    );
  }
  const interrupted = interruption(() => console.log('\nStopping; what the story changed is put back …'));
  const isPlayed = await play(story, stack, interrupted);
  process.exitCode = interrupted.aborted ? interruptedCode : isPlayed ? 0 : 1;
}

async function play(story: Story, stack: StackFile, interrupted: AbortSignal): Promise<boolean> {
  console.log(`${story.name}: ${story.summary}`);
  for (const line of await foreignFaults(stack)) console.log(line);
  const stage = createStage(stack, (line) => console.log(line), interrupted);
  let failure: string | undefined;
  try {
    await story.play(stage);
  } catch (error) {
    if (!(error instanceof StoryFailed)) throw error;
    failure = error.message;
  } finally {
    await stage.close();
  }
  const took = `${(stage.elapsedMs() / 1_000).toFixed(1)} s`;
  if (failure === undefined) console.log(`\nAll ${stage.stepsDone()} steps happened (${took}).`);
  else console.log(`\nThe story ended early (${took}). Logs of the stack: ${stateFolder()}/logs`);
  return failure === undefined;
}

main().catch((error: unknown) => {
  const isUsage = error instanceof TypeError && 'code' in error;
  console.error(error instanceof Error ? error.message : error);
  if (isUsage) console.error(usage);
  process.exitCode = 1;
});
