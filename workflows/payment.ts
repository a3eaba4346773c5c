import {
  allHandlersFinished,
  condition,
  defineSignal,
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
import { receiveCommands, type Asked } from './support/commands';
import { obey } from './support/obey';
import { promptly, untilNews } from './support/steps';

const channelEvent = defineSignal<[SignalledEvent]>(signalNames.channelEvent);

// Shorter than the request's patience and the workflow task's time-out, so that neither ends before it does.
const local = proxyLocalActivities<PaymentActivities>({
  scheduleToCloseTimeout: '3500ms',
  retry: { maximumAttempts: 1 },
});
const regular = proxyActivities<PaymentActivities>({
  startToCloseTimeout: '45s',
  // Somebody else goes on soon after a process died in the middle of it; workers/heartbeats.ts beats.
  heartbeatTimeout: '5s',
  scheduleToCloseTimeout: '24h',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

interface Desk {
  mail: SignalledEvent[];
  commands: Asked[];
  /** Doubles with every poll. */
  pollMs: number;
  pollMsMax: number;
}

/** One payment, from the first call to the end of its life: open, wait for news, and record what they change. */
export async function payment(input: PaymentInput): Promise<PaymentResult> {
  let current: OpenedPayment | undefined;
  const desk: Desk = {
    mail: [],
    commands: receiveCommands(() => current?.state),
    pollMs: input.firstPollMs,
    pollMsMax: input.pollMsMax,
  };
  setHandler(channelEvent, (told) => void desk.mail.push(told));

  const opened = await promptly(
    () => local.openPayment({ ...input, pace: 'fast' }),
    () => regular.openPayment({ ...input, pace: 'durable' }),
  );
  if (opened.kind === 'owned') {
    return { status: opened.state.status, version: opened.state.version, ownedBy: opened.paymentId };
  }
  current = { ...opened, request: input.request };
  while (!isFinal(current.state.status)) {
    current = await step(current, desk);
  }
  for (const asked of desk.commands) asked.refuse({ code: 'payment_closed' });
  await condition(allHandlersFinished);
  return { status: current.state.status, version: current.state.version };
}

/** What there is to do next: what was told, what is asked, what is in doubt, or what time has brought. */
async function step(current: OpenedPayment, desk: Desk): Promise<OpenedPayment> {
  const told = desk.mail.shift();
  if (told !== undefined) return applyEvent(current, told);
  if (current.state.status === 'unknown') return resolveDoubt(current, desk);
  const asked = desk.commands.shift();
  if (asked !== undefined) return obey(current, asked);

  const waitMs = Math.max(Date.parse(current.wakeAt) - Date.now(), 1);
  if (await condition(() => desk.mail.length > 0 || desk.commands.length > 0, waitMs)) return current;
  if (current.state.status === 'review') return reviewOver(current);
  if (current.state.status === 'authorized') return reservationOver(current);
  if (Date.now() >= Date.parse(current.request.expiresAt)) return expire(current, desk);
  desk.pollMs = Math.min(desk.pollMs * 2, desk.pollMsMax);
  return poll(current, desk.pollMs);
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
async function resolveDoubt(current: OpenedPayment, { mail }: Desk): Promise<OpenedPayment> {
  callForAttention('unknown');
  const status = await untilNews(mail, () => regular.resolveCharge(current));
  // Also when mail came first: nobody would take it off the list once the mail has ended the doubt.
  callForAttention(undefined);
  if (status === undefined) return current;
  const cause: Cause = { by: 'resolve', key: `resolve:${current.attempt.attemptNo}` };
  switch (status.kind) {
    case 'open':
      return write(current, {
        to: 'requires_action',
        attempt: {
          status: 'action_required',
          nextAction: status.nextAction,
          providerRef: status.providerRef,
        },
        cause,
      });
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

/** Asks the provider once more and makes sure that nobody can pay any longer; only then is it over. */
async function expire(current: OpenedPayment, { mail }: Desk): Promise<OpenedPayment> {
  let status: ChargeStatus | undefined;
  try {
    // A provider that is away may be asked for a day; who tells that it was paid must not wait for that.
    status = await untilNews(mail, () => regular.closeCharge(current));
  } catch {
    callForAttention('unconfirmed_expiry');
  }
  if (mail.length > 0) return current;
  const cause: Cause = { by: 'expiry', key: 'expiry' };
  if (status?.kind === 'succeeded') return record(current, status, cause);
  return write(current, {
    to: 'expired',
    attempt: { status: current.attempt.status === 'declined' ? 'declined' : 'expired' },
    lastError: expired,
    cause,
  });
}

/** Nobody decided in time, so the merchant's configuration does. */
function reviewOver(current: OpenedPayment): Promise<OpenedPayment> {
  const cause: Cause = { by: 'deadline', key: 'review-deadline' };
  if (current.rules?.reviewAtDeadline === 'approve') return regular.approve(current, cause);
  return write(current, { to: 'rejected', attempt: { status: 'cancelled' }, lastError: notReviewed, cause });
}

/** The reservation must not be kept longer: what is not captured is captured or given back, as configured. */
async function reservationOver(current: OpenedPayment): Promise<OpenedPayment> {
  const captured = BigInt(current.state.capturedMinor ?? 0);
  const cause: Cause = { by: 'deadline', key: 'capture-deadline' };
  if (current.rules?.captureAtDeadline === 'capture') {
    const rest = BigInt(current.request.amountMinor) - captured;
    const wanted = { amountMinor: rest.toString(), isFinal: true };
    const captureNo = await regular.nextCaptureNo(current, wanted);
    const { payment: after } = await regular.capture(current, { ...wanted, captureNo, cause });
    if (isFinal(after.state.status)) return after;
  }
  const status = await regular.closeCharge(current);
  if (status.kind === 'succeeded') return record(current, status, cause);
  return captured > 0n
    ? write(current, { to: 'succeeded', attempt: { status: 'succeeded' }, cause })
    : write(current, { to: 'expired', attempt: { status: 'expired' }, lastError: notCaptured, cause });
}

async function record(
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
  const after = await promptly(
    () => local.recordNews(told),
    () => regular.recordNews(told),
  );
  return { ...after, request: current.request };
}

type Writing = Parameters<PaymentActivities['writePayment']>[1];

async function write(current: OpenedPayment, writing: Writing): Promise<OpenedPayment> {
  const after = await promptly(
    () => local.writePayment(current, writing),
    () => regular.writePayment(current, writing),
  );
  return { ...after, request: current.request };
}

const expired: ChannelError = {
  code: 'expired',
  message: 'Nobody paid before the payment expired. Start again with a new orderId.',
};
const neverArrived: ChannelError = {
  code: 'never_arrived',
  message: 'The call to the channel never arrived there; nothing was charged.',
};
const notReviewed: ChannelError = {
  code: 'review_expired',
  message: 'Nobody approved the payment in time. Nothing was charged; start again with a new orderId.',
};
const notCaptured: ChannelError = {
  code: 'capture_expired',
  message: 'The reservation was not captured in time and was released. Start again with a new orderId.',
};
