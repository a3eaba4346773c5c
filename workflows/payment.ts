import {
  allHandlersFinished,
  CancellationScope,
  condition,
  defineSignal,
  patched,
  setHandler,
} from '@temporalio/workflow';
import type { Cause, OpenedPayment } from '../activities/payment/contracts';
import type { ChannelError, ChargeStatus } from '../domain/payment/outcome';
import type { PaymentState } from '../domain/payment/state';
import { parseAttemptReference } from '../domain/payment/reference';
import { waitsForChannel } from '../domain/payment/no-channel';
import { isFinal } from '../domain/payment/status';
import { signalNames, type PaymentInput, type PaymentResult, type SignalledEvent } from './contracts';
import { local, regular } from './support/activities';
import { attentionFor, callForAttention } from './support/attention';
import { finishCaptures } from './support/captures';
import { receiveCommands } from './support/commands';
import { pause, type Desk } from './support/desk';
import { endsReservation, isReopened, isReservedLate, lookAt, mayBeOutrun } from './support/doubts';
import { endOf, expire, reservationOver, reviewOver } from './support/endings';
import { handOver } from './support/hand-over';
import { obey } from './support/obey';
import { forwardMail, leftOpen, release } from './support/releasing';
import { promptly, untilNews } from './support/steps';
import { waitingFor } from './support/waiting';
import { hasChanged, record, write } from './support/writing';

const channelEvent = defineSignal<[SignalledEvent]>(signalNames.channelEvent);

/** One payment, from the first call to the end of its life: open, wait for news, and record what they change. */
export async function payment(input: PaymentInput): Promise<PaymentResult> {
  let stateNow: PaymentState | 'opening' | 'ended' = 'opening';
  const desk: Desk = {
    mail: [],
    commands: receiveCommands(() => stateNow),
    pollMs: input.firstPollMs,
    pollMsMax: input.pollMsMax,
    isCaptureInDoubt: false,
    isDeadlineCaptureRefused: false,
    unbegun: new Map(),
  };
  setHandler(channelEvent, (told) => void desk.mail.push(told));

  try {
    const opened = await promptly(
      () => local.openPayment({ ...input, pace: 'fast' }),
      () => regular.openPayment({ ...input, pace: 'durable' }),
    );
    if (opened.kind === 'owned') {
      stateNow = 'ended';
      await dismiss(desk, 'payment_in_doubt');
      return { status: opened.state.status, version: opened.state.version, ownedBy: opened.paymentId };
    }
    let current: OpenedPayment = { ...opened, request: input.request };
    stateNow = current.state;
    if (opened.unbegun !== undefined && patched('watch-unbegun-charge')) {
      for (const attempt of opened.unbegun) desk.unbegun.set(attempt.attemptNo, { ...current, attempt });
    }
    // The run before this one may have been lost in the middle of a capture.
    if (input.isResumed && current.state.status === 'authorized' && patched('finish-captures')) {
      current = (await finishCaptures(current, desk)) ?? current;
      stateNow = current.state;
    }
    let listed: 'no_channel' | 'review' | undefined;
    while (!isFinal(current.state.status)) {
      const wanted = waitsForSomebody(current.state);
      if (wanted !== listed && (!isReview(wanted, listed) || patched('review-attention'))) {
        callForAttention(wanted);
        listed = wanted;
      }
      const told = desk.mail.shift();
      current = await (told === undefined ? step(current, desk) : applyEvent(current, told, desk));
      stateNow = current.state;
    }
    if (listed !== undefined) callForAttention(undefined);
    await dismiss(desk, 'payment_closed');
    if (desk.mail.length > 0 || leftOpen(current, desk).length > 0) await tidyUp(current, desk);
    return { status: current.state.status, version: current.state.version };
  } catch (error) {
    stateNow = 'ended';
    await CancellationScope.nonCancellable(() => dismiss(desk, 'payment_in_doubt'));
    throw error;
  }
}

/** What a payment waits for that only a person can bring. */
function waitsForSomebody(state: PaymentState): 'no_channel' | 'review' | undefined {
  if (waitsForChannel(state)) return 'no_channel';
  return state.status === 'review' ? 'review' : undefined;
}

/** Histories from before there was a queue never get into it, so they meet no new command; under review some were. */
function isReview(...reasons: (string | undefined)[]): boolean {
  return reasons.includes('review');
}

/** Whoever asked something must not be left without an answer when the run ends. */
async function dismiss({ commands }: Desk, code: 'payment_closed' | 'payment_in_doubt'): Promise<void> {
  for (const asked of commands.splice(0)) asked.refuse({ code });
  if (!allHandlersFinished()) await condition(allHandlersFinished);
}

async function tidyUp(current: OpenedPayment, desk: Desk): Promise<void> {
  await forwardMail(desk);
  await release(current, desk);
  await forwardMail(desk);
}

/** What there is to do when nothing was told: what is asked, what is in doubt, or what time has brought. */
async function step(current: OpenedPayment, desk: Desk): Promise<OpenedPayment> {
  if (current.state.status === 'unknown') return resolveDoubt(current, desk);
  const asked = desk.commands[0];
  if (asked !== undefined) return obey(current, asked, desk);

  const waitMs = Math.max(Date.parse(current.wakeAt) - Date.now(), 1);
  const hasNews = () => desk.mail.length > 0 || desk.commands.length > 0;
  if (await condition(hasNews, waitMs, { summary: waitingFor(current) })) return current;
  if (current.state.status === 'review') return reviewOver(current);
  if (current.state.status === 'authorized') return reservationOver(current, desk);
  if (Date.now() >= endOf(current)) return expire(current, desk);
  desk.pollMs = Math.min(desk.pollMs * 2, desk.pollMsMax);
  return poll(current, desk);
}

async function applyEvent(current: OpenedPayment, told: SignalledEvent, desk: Desk): Promise<OpenedPayment> {
  const { inboxId, channelConfigId, event } = told;
  const attemptNo = parseAttemptReference(event.reference)?.attemptNo ?? current.attempt.attemptNo;
  const cause: Cause = { by: 'webhook', key: `event:${inboxId}` };
  let news = event.status;
  if (isReservedInVain(current, attemptNo, news) && patched('hand-over-reservation')) {
    await handOver(inboxId);
    return current;
  }
  if (endsReservation(current, attemptNo, news) && patched('confirm-lost-reservation')) {
    news = await lookAt(current, current.wakeAt);
    // It stays in the inbox, and the sweep brings it again.
    if (news.kind === 'unknown') return current;
  }
  if (mayBeOutrun(current, attemptNo, news) || isReopened(current, attemptNo, news)) {
    const seen = await lookAt(current, current.wakeAt);
    if (seen.kind === 'unknown') return current;
    // Where the channel's look can't tell a decline from what is open, the decline is believed.
    if (seen.kind !== 'open' || news.kind === 'processing') news = seen;
  } else if (isReservedLate(current, desk, attemptNo, news)) {
    const seen = await lookAt(current, current.wakeAt);
    if (seen.kind === 'unknown') return current;
    // What is signed is believed where the look is not as far yet.
    if (seen.kind !== 'open' && seen.kind !== 'not_found') news = seen;
  }
  const changed = await record(current, news, cause, { attemptNo, channelConfigId, inboxId });
  if (!hasChanged(current, changed)) {
    await promptly(
      () => local.ignoreEvents([inboxId]),
      () => regular.ignoreEvents([inboxId]),
    );
  }
  return changed;
}

/** An older attempt's: it is given back beside this run, which has to hear other news meanwhile. */
function isReservedInVain({ attempt }: OpenedPayment, attemptNo: number, news: ChargeStatus): boolean {
  return news.kind === 'authorized' && attemptNo < attempt.attemptNo;
}

async function poll(current: OpenedPayment, desk: Desk): Promise<OpenedPayment> {
  const expiresAt = Date.parse(current.request.expiresAt);
  const isOverdue = Date.now() >= expiresAt;
  const next = Math.min(Date.now() + desk.pollMs, isOverdue ? endOf(current) : expiresAt);
  const wakeAt = new Date(next).toISOString();
  const paidBefore = await lookAtUnbegun({ ...current, wakeAt }, desk);
  if (paidBefore !== undefined) return paidBefore;
  const status = await lookAt(current, wakeAt);
  // Its time is over, and the channel does not work on it any more.
  const isIdle = status.kind === 'open' && status.mayBeInProcess !== true;
  if (isOverdue && (isIdle || status.kind === 'not_found')) return expire({ ...current, wakeAt }, desk);
  return record({ ...current, wakeAt }, status, { by: 'poll', key: `poll:${wakeAt}` });
}

/** Older attempts that nobody had begun when another one was: one that is paid by now pays the payment. */
async function lookAtUnbegun(current: OpenedPayment, { unbegun }: Desk): Promise<OpenedPayment | undefined> {
  const cause: Cause = { by: 'poll', key: `poll:${current.wakeAt}` };
  for (const left of unbegun.values()) {
    const { attemptNo, channelConfigId } = left.attempt;
    if (attemptNo === current.attempt.attemptNo) continue;
    const status = await lookAt(left, current.wakeAt);
    if (status.kind === 'succeeded') return record(current, status, cause, { attemptNo, channelConfigId });
  }
  return undefined;
}

/** The provider's answer is in doubt. It is asked until it is known; a webhook that tells it first is as good. */
async function resolveDoubt(current: OpenedPayment, desk: Desk): Promise<OpenedPayment> {
  callForAttention('unknown');
  let status: ChargeStatus | undefined;
  try {
    status = await untilNews(desk.mail, () => regular.resolveCharge(current));
  } catch (error) {
    // For a day in vain, or there is nobody to ask: it stays in doubt and in sight, and is asked about again.
    const attention = attentionFor(error, 'unknown');
    if (attention !== 'unknown') callForAttention(attention);
    await pause(desk);
    return current;
  }
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
        // Whoever began it was told that nobody knows.
        isNews: status.nextAction !== undefined,
      });
    case 'not_found':
      return regular.tryNextChannel(current, neverArrived);
    case 'processing':
    case 'succeeded':
    case 'authorized':
    case 'declined':
    case 'cancelled':
    case 'unknown': {
      const after = await record(current, status, cause);
      if (hasChanged(current, after)) return after;
      // The channel has said what it knows, and that is another payment's: asking again would not change it.
      const attempt = { status: 'declined', error: chargeTaken } as const;
      return write(current, { to: 'failed', attempt, lastError: chargeTaken, cause });
    }
  }
}

const neverArrived: ChannelError = {
  code: 'never_arrived',
  message: 'The call to the channel never arrived there; nothing was charged.',
};
const chargeTaken: ChannelError = {
  code: 'charge_conflict',
  message:
    'The channel names a charge that belongs to another payment. Nothing was booked here, and an operator is told; start again with a new orderId.',
};
