import {
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';
import type { PaymentActivities } from '../activities';
import type { Cause, OpenedPayment } from '../activities/payment/contracts';
import type { ChannelError, ChargeStatus } from '../domain/payment/outcome';
import { parseAttemptReference } from '../domain/payment/reference';
import { isFinal } from '../domain/payment/status';
import { signalNames, type PaymentInput, type PaymentResult, type SignalledEvent } from './contracts';
import { callForAttention } from './support/attention';
import { promptly } from './support/steps';

export const channelEvent = defineSignal<[SignalledEvent]>(signalNames.channelEvent);

// Shorter than the request's patience and the workflow task's time-out, so that neither ends before it does.
const local = proxyLocalActivities<PaymentActivities>({
  scheduleToCloseTimeout: '3500ms',
  retry: { maximumAttempts: 1 },
});
const regular = proxyActivities<PaymentActivities>({
  startToCloseTimeout: '45s',
  scheduleToCloseTimeout: '24h',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/** One payment, from the first call to the end of its life: open, wait for news, and record what they change. */
export async function payment(input: PaymentInput): Promise<PaymentResult> {
  const mailbox: SignalledEvent[] = [];
  setHandler(channelEvent, (told) => void mailbox.push(told));

  const opened = await promptly(
    () => local.openPayment(input, 'fast'),
    () => regular.openPayment(input, 'durable'),
  );
  if (opened.kind === 'owned') {
    return { status: opened.state.status, version: opened.state.version, ownedBy: opened.paymentId };
  }

  let current = opened;
  let pollMs = input.firstPollMs;
  while (!isFinal(current.state.status)) {
    const told = mailbox.shift();
    if (told !== undefined) {
      current = await applyEvent(current, told);
    } else if (current.state.status === 'unknown') {
      current = await resolveDoubt(current, mailbox);
    } else if (await hasNewsBy(Date.parse(current.wakeAt), mailbox)) {
      continue;
    } else if (Date.now() >= Date.parse(current.request.expiresAt)) {
      current = await expire(current, mailbox);
    } else {
      pollMs = Math.min(pollMs * 2, input.pollMsMax);
      current = await poll(current, pollMs);
    }
  }
  return { status: current.state.status, version: current.state.version };
}

async function applyEvent(current: OpenedPayment, told: SignalledEvent): Promise<OpenedPayment> {
  const { inboxId, channelConfigId, event } = told;
  const attemptNo = parseAttemptReference(event.reference)?.attemptNo ?? current.attempt.attemptNo;
  const cause: Cause = { by: 'webhook', key: `event:${inboxId}` };
  const changed = await record(current, event.status, cause, { attemptNo, channelConfigId, inboxId });
  if (changed.state.version === current.state.version) {
    await promptly(
      () => local.ignoreEvents([inboxId]),
      () => regular.ignoreEvents([inboxId]),
    );
  }
  return changed;
}

function hasNewsBy(moment: number, mailbox: SignalledEvent[]): Promise<boolean> {
  return condition(() => mailbox.length > 0, Math.max(moment - Date.now(), 1));
}

async function poll(current: OpenedPayment, nextPollMs: number): Promise<OpenedPayment> {
  const next = Math.min(Date.now() + nextPollMs, Date.parse(current.request.expiresAt));
  const wakeAt = new Date(next).toISOString();
  const status = await promptly(
    () => local.pollCharge(current, wakeAt),
    () => regular.pollCharge(current, wakeAt),
  );
  return record({ ...current, wakeAt }, status, { by: 'poll', key: `poll:${wakeAt}` });
}

/** The provider's answer is in doubt. It is asked until it is known; a webhook that tells it first is as good. */
async function resolveDoubt(current: OpenedPayment, mailbox: SignalledEvent[]): Promise<OpenedPayment> {
  callForAttention('unknown');
  const status = await untilNews(mailbox, () => regular.resolveCharge(current));
  // Also when mail came first: nobody would take it off the list once the mail has ended the doubt.
  callForAttention(undefined);
  if (status === undefined) return current;
  const cause: Cause = { by: 'resolve', key: `resolve:${current.attempt.attemptNo}` };
  switch (status.kind) {
    case 'open':
      return promptly(
        () => local.writePayment(current, resolvedOpen(status, cause)),
        () => regular.writePayment(current, resolvedOpen(status, cause)),
      );
    case 'not_found':
      return regular.tryNextChannel(current, neverArrived);
    case 'succeeded':
    case 'authorized':
    case 'declined':
    case 'cancelled':
    case 'unknown':
      return record(current, status, cause);
  }
}

function resolvedOpen(status: ChargeStatus & { kind: 'open' }, cause: Cause) {
  const { nextAction, providerRef } = status;
  return {
    to: 'requires_action',
    attempt: { status: 'action_required', nextAction, providerRef },
    cause,
  } as const;
}

/** Runs `step` until it ends or until there is mail: whichever comes first. */
async function untilNews<T>(mailbox: SignalledEvent[], step: () => Promise<T>): Promise<T | undefined> {
  const scope = new CancellationScope();
  const asked = scope.run(step).catch((error: unknown) => {
    if (isCancellation(error)) return undefined;
    throw error;
  });
  await Promise.race([asked, condition(() => mailbox.length > 0)]);
  if (mailbox.length > 0) scope.cancel();
  return asked;
}

/** Asks the provider once more and makes sure that nobody can pay any longer; only then is it over. */
async function expire(current: OpenedPayment, mailbox: SignalledEvent[]): Promise<OpenedPayment> {
  let status: ChargeStatus | undefined;
  try {
    status = await regular.closeCharge(current);
  } catch {
    callForAttention('unconfirmed_expiry');
  }
  if (mailbox.length > 0) return current;
  const cause: Cause = { by: 'expiry', key: 'expiry' };
  if (status?.kind === 'succeeded') return record(current, status, cause);
  const writing = {
    to: 'expired',
    attempt: { status: current.attempt.status === 'declined' ? 'declined' : 'expired' },
    lastError: expired,
    cause,
  } as const;
  return promptly(
    () => local.writePayment(current, writing),
    () => regular.writePayment(current, writing),
  );
}

function record(
  current: OpenedPayment,
  news: ChargeStatus,
  cause: Cause,
  about: { attemptNo?: number; channelConfigId?: string; inboxId?: string } = {},
): Promise<OpenedPayment> {
  const told = {
    payment: current,
    attemptNo: about.attemptNo ?? current.attempt.attemptNo,
    channelConfigId: about.channelConfigId ?? current.attempt.channelConfigId,
    news,
    cause,
    inboxIds: about.inboxId === undefined ? [] : [about.inboxId],
  };
  return promptly(
    () => local.recordNews(told),
    () => regular.recordNews(told),
  );
}

const expired: ChannelError = {
  code: 'expired',
  message: 'Nobody paid before the payment expired. Start again with a new orderId.',
};
const neverArrived: ChannelError = {
  code: 'never_arrived',
  message: 'The call to the channel never arrived there; nothing was charged.',
};
