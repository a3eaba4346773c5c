import {
  condition,
  continueAsNew,
  defineSignal,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { OperationsActivities } from '../activities';
import { heartbeatTimeout, signalNames, type SuspenseInput, type SuspenseResult } from './contracts';
import { callForAttention } from './support/attention';

/** Something was decided: the row says what. */
const decided = defineSignal(signalNames.decided);

const steps = proxyActivities<OperationsActivities>({
  startToCloseTimeout: '30s',
  heartbeatTimeout,
  scheduleToCloseTimeout: '24h',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/** A signal may be lost: then the row is looked at all the same. */
const askAgainMs = 3_600_000;
const firstLookMs = 1_000;
const lookMsMax = 600_000;

/** Money that belongs to nobody yet, until it is given back or accepted: by the merchant's rule, or by an operator. */
export async function suspense(input: SuspenseInput): Promise<SuspenseResult> {
  let news = 0;
  setHandler(decided, () => void (news += 1));
  for (let looks = 0; !workflowInfo().continueAsNewSuggested; looks += 1) {
    const seen = news;
    const { next, decision } = await steps.examineSuspense(input);
    switch (next) {
      case 'nothing':
        return { decision };
      case 'accept':
        await steps.acceptSuspense(input);
        break;
      case 'refund':
        await steps.refundSuspense(input);
        await condition(() => news > seen, Math.min(firstLookMs * 2 ** Math.min(looks, 20), lookMsMax), {
          summary: 'Waits for its refund; looked at again then',
        });
        break;
      case 'ask':
        callForAttention('suspense');
        await condition(() => news > seen, askAgainMs, { summary: 'Waits for an operator to decide' });
        callForAttention(undefined);
        break;
    }
  }
  return continueAsNew<typeof suspense>(input);
}
