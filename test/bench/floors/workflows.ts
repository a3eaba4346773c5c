import {
  condition,
  defineSignal,
  defineUpdate,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';
import type { FloorActivities, FloorAnswer, FloorInput } from './contracts';

const local = proxyLocalActivities<FloorActivities>({ scheduleToCloseTimeout: '4s' });

export const paid = defineSignal('paid');
export const opened = defineUpdate<FloorAnswer>('opened');

/** Documented practice: the caller waits for an Update that comes with the start. */
export async function updateWithStartFloor(input: FloorInput): Promise<void> {
  let isPaid = false;
  const answer: { given?: FloorAnswer } = {};
  setHandler(paid, () => {
    isPaid = true;
  });
  setHandler(opened, async () => {
    await condition(() => answer.given !== undefined);
    return answer.given as FloorAnswer;
  });
  answer.given = await local.open(input);
  await condition(() => isPaid, '30 minutes');
  await local.record(input);
}

/** The caller gets its answer inside the process, so the workflow knows nothing of it. */
export async function eagerFloor(input: FloorInput): Promise<void> {
  let isPaid = false;
  setHandler(paid, () => {
    isPaid = true;
  });
  await local.open(input);
  await condition(() => isPaid, '30 minutes');
  await local.record(input);
}
