import { interruptedCode, interruption } from '../interruption';
import { readArguments, UsageError } from '../read-arguments';
import { readStackFile, stateFolder, type StackFile } from '../stack/stack-file';
import { foreignFaults } from './foreign-faults';
import { stories } from './registry';
import { createStage, StoryFailed } from './stage';
import type { Story } from './story';

/** `npm run demo`: plays stories against the stack that runs. Exit code 0 only if every step happened. */
async function main(): Promise<void> {
  const { values } = readArguments('demo', {
    options: {
      story: { type: 'string', multiple: true, default: ['payment'] },
      list: { type: 'boolean', default: false },
    },
  });
  if (values.list) {
    for (const { name, summary } of stories) console.log(`${name.padEnd(12)}  ${summary}`);
    return;
  }
  const wanted = values.story.map(storyCalled);
  const stack = readStackFile();
  if (stack === undefined) {
    throw new Error(
      `No stack runs in ${stateFolder()}: start one with npm start, and wait until it is ready.`,
    );
  }
  const interrupted = interruption(() => console.log('\nStopping; what the story changed is put back …'));
  let isPlayed = true;
  for (const [index, story] of wanted.entries()) {
    if (interrupted.aborted) break;
    if (index > 0) console.log();
    isPlayed = (await play(story, stack, interrupted)) && isPlayed;
  }
  process.exitCode = interrupted.aborted ? interruptedCode : isPlayed ? 0 : 1;
}

function storyCalled(wanted: string): Story {
  const story = stories.find(({ name }) => name === wanted);
  if (story !== undefined) return story;
  const names = stories.map(({ name }) => name).join(', ');
  throw new UsageError(`There is no story "${wanted}"; there is: ${names}.`, 'demo');
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
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
