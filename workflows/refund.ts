import {
  condition,
  continueAsNew,
  defineSignal,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { PaymentActivities } from '../activities';
import type { RefundProgress } from '../activities/refund/contracts';
import { isRefundOver, type RefundStatus } from '../domain/refund/status';
import {
  heartbeatTimeout,
  signalNames,
  type RefundInput,
  type RefundResult,
  type SignalledRefundEvent,
} from './contracts';
import { callForAttention } from './support/attention';
import { pauseUnlessMail } from './support/pause';
import { promptly } from './support/steps';

const refundEvent = defineSignal<[SignalledRefundEvent]>(signalNames.refundEvent);

/** An operator has said what became of it: the row says what. */
const decided = defineSignal(signalNames.decided);

const local = proxyLocalActivities<PaymentActivities>({
  scheduleToCloseTimeout: '3500ms',
  retry: { maximumAttempts: 1 },
});
const regular = proxyActivities<PaymentActivities>({
  startToCloseTimeout: '45s',
  // Somebody else goes on soon after a process died in the middle of it; workers/heartbeats.ts beats.
  heartbeatTimeout,
  scheduleToCloseTimeout: '24h',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/** Waiting for a capture, a channel or an answer in doubt: so long at first, then twice as long each time. */
const firstRetryMs = 1_000;
const retryMsMax = 60_000;

/** One refund: set the amount aside, ask the channel, wait for what it says; a failed one gives the amount back. */
export async function refund(input: RefundInput): Promise<RefundResult> {
  const mail: SignalledRefundEvent[] = [];
  let isDecided = false;
  const hasNews = () => mail.length > 0 || isDecided;
  setHandler(refundEvent, (told) => void mail.push(told));
  setHandler(decided, () => void (isDecided ||= patched('hear-of-resolved-refund')));

  let current = await reserve(input);
  if (current.ownedBy !== undefined) return { status: current.status, ownedBy: current.ownedBy };
  // What another run has left in doubt is on the list of this one as well.
  if (current.status === 'unknown' && patched('list-refund-in-doubt')) callForAttention('unknown');
  let looks = input.looks ?? 0;
  while (!isRefundOver(current.status)) {
    if (!hasNews() && workflowInfo().continueAsNewSuggested && patched('refund-in-new-run')) {
      return continueAsNew<typeof refund>({ ...input, looks });
    }
    const before = current.status;
    if (current.pausedUntil !== undefined) {
      await pauseUnlessMail(current, mail);
    } else {
      const waitMs = pauseMs(input, before, looks);
      if (waitMs > 0) await condition(hasNews, waitMs, { summary: waitingFor(before) });
    }
    isDecided = false;
    current = await look(input, current, mail.shift());
    looks = current.status === before ? looks + 1 : 0;
    if (before !== 'unknown' && current.status === 'unknown') callForAttention('unknown');
    if (before === 'unknown' && current.status !== 'unknown') callForAttention(undefined);
  }
  if (mail.length > 0) {
    const inboxIds = mail.map(({ inboxId }) => inboxId);
    await promptly(
      () => local.ignoreEvents(inboxIds),
      () => regular.ignoreEvents(inboxIds),
    );
  }
  return { status: current.status };
}

/** Sets the amount aside; a payment whose capture is still under way is waited for, within bounds. */
async function reserve(input: RefundInput): Promise<RefundProgress> {
  const waitUntil = Date.now() + input.timings.waitForPaymentMs;
  for (let waits = 0; ; waits += 1) {
    const waitMs = backOff(firstRetryMs, retryMsMax, waits);
    const order = {
      input,
      wakeAt: new Date(Date.now() + waitMs).toISOString(),
      isLast: Date.now() >= waitUntil,
    };
    const progress = await promptly(
      () => local.reserveRefund(order),
      () => regular.reserveRefund(order),
    );
    if (progress.isReserved || progress.ownedBy !== undefined || isRefundOver(progress.status))
      return progress;
    await sleep(waitMs, { summary: 'Waits for a capture that is under way' });
  }
}

/** What was told, or else what the channel says when it is asked: to refund, or what became of it. */
function look(
  input: RefundInput,
  current: RefundProgress,
  told: SignalledRefundEvent | undefined,
): Promise<RefundProgress> {
  const { refundId } = input;
  if (told !== undefined) {
    return promptly(
      () => local.applyRefundEvent(refundId, told),
      () => regular.applyRefundEvent(refundId, told),
    );
  }
  if (current.status === 'pending') {
    return promptly(
      () => local.sendRefund(refundId, 'fast'),
      () => regular.sendRefund(refundId, 'durable'),
    );
  }
  const nextLookMs = pauseMs(input, current.status, 1);
  return regular.queryRefund(refundId, new Date(Date.now() + nextLookMs).toISOString());
}

/** For whoever opens it in Temporal UI. */
function waitingFor(status: RefundStatus): string {
  if (status === 'processing') return 'The channel works on the refund: asked again then';
  return status === 'unknown'
    ? 'The channel did not say whether it took the refund: asked again then, unless an operator says it'
    : 'The channel has not taken the refund: sent again then';
}

function pauseMs({ timings }: RefundInput, status: RefundStatus, looks: number): number {
  if (status === 'processing') return backOff(timings.firstPollMs, timings.pollMsMax, looks);
  if (status === 'pending' && looks === 0) return 0;
  return backOff(firstRetryMs, retryMsMax, looks);
}

function backOff(firstMs: number, msMax: number, times: number): number {
  return Math.min(firstMs * 2 ** Math.min(times, 30), msMax);
}
