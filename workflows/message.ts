import {
  condition,
  continueAsNew,
  defineSignal,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { OperationsActivities } from '../activities';
import { heartbeatTimeout, signalNames, type MessageInput, type MessageResult } from './contracts';

/** Something is to be done before its time: an operator wants another try. */
const look = defineSignal(signalNames.look);

const { attendMessage } = proxyActivities<OperationsActivities>({
  // Each service of the preference list has its own time-out; these are for all of them together.
  startToCloseTimeout: '10m',
  heartbeatTimeout,
  scheduleToCloseTimeout: '24h',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/**
 * One mail or SMS until it is delivered, refused or given up. What to do next stands in its row, which `attendMessage`
 * reads; this waits in between. What it says and to whom is in no history.
 */
export async function message(input: MessageInput): Promise<MessageResult> {
  let looks = 0;
  setHandler(look, () => void (looks += 1));
  while (!workflowInfo().continueAsNewSuggested) {
    const seen = looks;
    const { status, waitMs } = await attendMessage(input.messageId);
    if (waitMs === undefined && looks === seen) return { status };
    if (waitMs !== undefined)
      await condition(() => looks > seen, waitMs, { summary: 'Waits for the next try, or for news' });
  }
  return continueAsNew<typeof message>(input);
}
