import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  defineSignal,
  defineUpdate,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import type { OperationsActivities } from '../activities';
import { isDisputeOver } from '../domain/dispute/status';
import {
  heartbeatTimeout,
  signalNames,
  updateNames,
  type DisputeInput,
  type DisputeProgress,
  type DisputeResult,
  type GivenEvidence,
  type SignalledDisputeEvent,
} from './contracts';

const disputeEvent = defineSignal<[SignalledDisputeEvent]>(signalNames.disputeEvent);
const submitEvidenceUpdate = defineUpdate<DisputeProgress, [GivenEvidence]>(updateNames.submitEvidence);

const steps = proxyActivities<OperationsActivities>({
  startToCloseTimeout: '45s',
  heartbeatTimeout,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

const waiting = {
  summary: 'Waits for evidence or for the bank, at most until its deadline is to be looked at',
};

/**
 * One dispute: hold the amount when it is opened, send the merchant's evidence while there is time, and give the
 * amount back or let it go when the bank has decided. The row decides what each step may do; this is only its clock
 * and its order.
 */
export async function dispute(input: DisputeInput): Promise<DisputeResult> {
  const mail: SignalledDisputeEvent[] = [];
  let current: DisputeProgress | undefined;
  const learn = (progress: DisputeProgress | undefined) => (current = newer(current, progress));
  const isOver = () => current !== undefined && isDisputeOver(current.status);

  setHandler(disputeEvent, (told) => void mail.push(told));
  setHandler(submitEvidenceUpdate, async (given) => {
    // Not in line with the events: a channel that does not answer must not keep its decision from being heard.
    const { progress, refused } = await steps.submitEvidence(given);
    learn(progress);
    if (refused === undefined) return progress;
    const details = [refused];
    throw ApplicationFailure.create({
      type: 'EvidenceRefused',
      message: refused.message,
      details,
      nonRetryable: true,
    });
  });

  learn(await steps.findDispute(input));
  for (;;) {
    const told = mail.shift();
    if (told !== undefined) {
      learn(await steps.applyDisputeEvent(told));
      continue;
    }
    if (current === undefined || isOver()) break;
    const { disputeId, wakeAt }: DisputeProgress = current;
    const hasNews = () => mail.length > 0 || isOver() || current?.wakeAt !== wakeAt;
    if (wakeAt === undefined) {
      await condition(hasNews);
    } else if (!(await condition(hasNews, Math.max(Date.parse(wakeAt) - Date.now(), 1), waiting))) {
      learn(await steps.lookAtDispute(disputeId, new Date().toISOString()));
    }
  }
  await condition(allHandlersFinished);
  return { status: current?.status };
}

/** Two steps may be under way at once, and the one that ends last need not have seen most. */
function newer(
  known: DisputeProgress | undefined,
  progress: DisputeProgress | undefined,
): DisputeProgress | undefined {
  return progress !== undefined && progress.version >= (known?.version ?? 0) ? progress : known;
}
