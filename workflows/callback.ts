import {
  ActivityCancellationType,
  ActivityFailure,
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  patched,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import type { OperationsActivities } from '../activities';
import { heartbeatTimeout, signalNames, type CallbackInput, type CallbackResult } from './contracts';

const resend = defineSignal(signalNames.resend);

const { abandonCallback } = proxyActivities<OperationsActivities>({
  startToCloseTimeout: '30s',
  heartbeatTimeout,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/** Each starts the whole period of retries again; a run's history must not grow without end. */
const resendsMax = 100;
/** A try also waits for a place at its endpoint, and is written down. */
const besidesTheCallMs = 10_000;

/**
 * One callback that its merchant did not take at once: tried again with growing pauses until it is delivered,
 * or abandoned when its period is over. `resend` tries at once and begins a new period; a finished callback is
 * resent by starting it anew with that signal.
 */
export async function callback(input: CallbackInput): Promise<CallbackResult> {
  let resends = 0;
  let isResendWanted = false;
  setHandler(resend, () => {
    resends += 1;
    if (resends <= resendsMax) isResendWanted = true;
  });

  try {
    // The relay tried a moment ago.
    await condition(() => isResendWanted, input.firstRetryMs, { summary: 'Waits before it tries again' });
    for (;;) {
      const isResend = isResendWanted;
      isResendWanted = false;
      const result = await tryForAPeriod(input, isResend, () => isResendWanted);
      if (result?.status === 'abandoned') await abandonCallback(input.eventId);
      if (result !== undefined && !(isResendWanted && beginsAnew(result))) return result;
    }
  } catch (error) {
    // Cancelled by an operator: the list must not say that it is still being tried.
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => abandonCallback(input.eventId));
    throw error;
  }
}

/** Whoever asked for it may have seen that it is delivered: the row says so before the try's answer comes here. */
function beginsAnew({ status }: CallbackResult): boolean {
  return status === 'abandoned' || patched('resend-after-delivery');
}

/** Undefined if it was interrupted to begin anew. */
async function tryForAPeriod(
  input: CallbackInput,
  isResend: boolean,
  isInterrupted: () => boolean,
): Promise<CallbackResult | undefined> {
  const { deliverCallback } = proxyActivities<OperationsActivities>({
    startToCloseTimeout: input.tryTimeoutMs + besidesTheCallMs,
    heartbeatTimeout,
    scheduleToCloseTimeout: input.retryForMs,
    // An interrupted try that is under way is waited for: two at once would both be delivered.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: {
      initialInterval: input.firstRetryMs,
      backoffCoefficient: 2,
      maximumInterval: Math.max(input.firstRetryMs, input.retryMsMax),
    },
  });
  const tries = new CancellationScope();
  const ended = tries
    .run(() => deliverCallback({ eventId: input.eventId, isResend }))
    .then(
      (): CallbackResult => ({ status: 'delivered' }),
      (error: unknown): CallbackResult | undefined => {
        if (isInterrupted()) return undefined;
        if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
        return { status: 'abandoned', reason: error.cause?.message ?? error.message };
      },
    );
  // Should the whole workflow be cancelled, it is for `ended` to say so: it waits for the try under way.
  const interrupted = condition(isInterrupted).catch(() => undefined);
  await Promise.race([ended, interrupted]);
  if (isInterrupted()) tries.cancel();
  return ended;
}
