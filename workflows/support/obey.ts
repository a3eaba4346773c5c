import { patched } from '@temporalio/workflow';
import type { Cause, OpenedPayment } from '../../activities/payment/contracts';
import type { ChannelError } from '../../domain/payment/outcome';
import { attemptEnd } from '../../domain/payment/attempt-end';
import { captureKey, commandKey, isOverdue, overdue, refusalOf } from '../../domain/payment/command';
import type { Command } from '../contracts';
import { local, regular } from './activities';
import { cancel, causeOf, notClosed } from './cancelling';
import { captureWhenOpen } from './capture';
import { finishCaptures, leaveCapture } from './captures';
import { asClosed, closeCharge, interruptible } from './closing';
import { refusalNow, type Asked } from './commands';
import type { Desk } from './desk';
import { lookAt } from './doubts';
import { expire } from './endings';
import { promptly } from './steps';
import { hasChanged, record, rejoin } from './writing';

/** Does what the first command in line asks. It stays the first while news, or a capture in doubt, comes before it. */
export async function obey(current: OpenedPayment, asked: Asked, desk: Desk): Promise<OpenedPayment> {
  if (asked.command.kind === 'cancel' && desk.isCaptureInDoubt && patched('finish-before-cancelling')) {
    const settled = await finishCaptures(current, desk);
    if (settled !== undefined) return settled;
    asked.refuse({ code: 'channel_refused', error: captureInDoubt });
    desk.commands.shift();
    return current;
  }
  const after = await attend(current, asked, desk);
  if (after !== undefined && !isOvertaken(current, after)) desk.commands.shift();
  return after ?? current;
}

/**
 * What was right when it was accepted is looked at again, for news may have come between. Undefined: news came before
 * it could be done, and is to be heard first.
 */
async function attend(current: OpenedPayment, asked: Asked, desk: Desk): Promise<OpenedPayment | undefined> {
  // Two clicks on "try again" are one wish: the second is not to close what the first has just begun.
  if (isOutrun(current, asked) && patched('one-attempt-for-two-clicks')) {
    if (isSuchAnAttempt(current, asked.command)) await answerAgain(current, asked);
    else asked.refuse({ code: 'attempt_begun' });
    return current;
  }
  const code = refusalNow(current.state, asked.command);
  if (code !== undefined) {
    asked.refuse({ code });
    return current;
  }
  const after = await carryOut(current, asked, desk);
  if (after !== undefined && !isOvertaken(current, after)) asked.done(after.state);
  return after;
}

/** It was not done, for the row had gone further by news that a lost task wrote down: it is looked at again on that. */
function isOvertaken(before: OpenedPayment, after: OpenedPayment): boolean {
  return after.isOvertaken === true && hasChanged(before, after);
}

/** Another attempt was begun by a command before this one, while this one waited its turn. */
function isOutrun({ attempt: { attemptNo } }: OpenedPayment, { command, onAttempt }: Asked): boolean {
  return command.kind === 'attempt' && onAttempt !== undefined && attemptNo > onAttempt;
}

/** The same request must find it for ever, whatever becomes of this run and of the answer. */
async function answerAgain(current: OpenedPayment, { command, done }: Asked): Promise<void> {
  const key = commandKey(command.kind, command.id);
  if (patched('note-second-click')) {
    await promptly(
      () => local.noteAskedAgain(current, key),
      () => regular.noteAskedAgain(current, key),
    );
  }
  done(current.state);
}

function isSuchAnAttempt({ attempt, request }: OpenedPayment, command: Command): boolean {
  if (command.kind !== 'attempt') return false;
  const { provider = request.provider ?? 'auto', method = request.method } = command;
  const goesBy = attempt.method ?? request.method;
  return (provider === 'auto' || provider === attempt.channel) && method === goesBy;
}

function carryOut(current: OpenedPayment, asked: Asked, desk: Desk): Promise<OpenedPayment | undefined> {
  const { command } = asked;
  switch (command.kind) {
    case 'capture':
      return capture(current, asked, command, desk);
    case 'cancel':
      return cancel(current, asked, command, desk);
    case 'attempt':
      return attempt(current, asked, command, desk);
    case 'review':
      return review(current, command);
    case 'retry':
      return retry(current, asked, command);
  }
}

async function capture(
  before: OpenedPayment,
  asked: Asked,
  command: Command & { kind: 'capture' },
  desk: Desk,
): Promise<OpenedPayment> {
  const current = desk.isCaptureInDoubt ? await finishCaptures(before, desk) : before;
  if (current === undefined) {
    asked.refuse({ code: 'channel_refused', error: captureInDoubt });
    return before;
  }
  const code = refusalOf(current.state, 'capture');
  if (code !== undefined) {
    asked.refuse({ code });
    return current;
  }
  const left = BigInt(current.request.amountMinor) - BigInt(current.state.capturedMinor ?? 0);
  const amount = command.amountMinor === undefined ? left : BigInt(command.amountMinor);
  if (amount > left) {
    asked.refuse({ code: 'capture_exceeds_authorized' });
    return current;
  }
  const wanted = { amountMinor: amount.toString(), isFinal: command.isFinal || amount === left };
  const cause: Cause = { ...causeOf(command), key: captureKey(command.id) };
  let refused: ChannelError | undefined;
  let after: OpenedPayment;
  try {
    const named = { ...wanted, key: cause.key, mayFollowRefusal: true };
    const captureNo = await regular.nextCaptureNo(current, named);
    const captured = await captureWhenOpen(current, { ...wanted, captureNo, cause });
    refused = captured.refused;
    after = rejoin(current, captured.payment);
  } catch (error) {
    leaveCapture(desk, error);
    asked.refuse({ code: 'channel_refused', error: captureInDoubt });
    return current;
  }
  if (refused === undefined) return after;
  asked.refuse({ code: 'channel_refused', error: refused });
  return refused.code === 'not_capturable' && patched('look-after-refused-capture')
    ? believeRefusal(after, command)
    : after;
}

/** The channel keeps nothing to capture, and its news of that may never come: it is asked what became of it. */
async function believeRefusal(current: OpenedPayment, { id }: Command): Promise<OpenedPayment> {
  const seen = await lookAt(current, current.wakeAt);
  const isOver = seen.kind === 'declined' || seen.kind === 'cancelled' || seen.kind === 'succeeded';
  return isOver ? record(current, seen, { by: 'poll', key: `poll:${captureKey(id)}` }) : current;
}

/** The charge that is still open is closed first: two open ones could both be paid. */
async function attempt(
  current: OpenedPayment,
  asked: Asked,
  command: Command & { kind: 'attempt' },
  desk: Desk,
): Promise<OpenedPayment | undefined> {
  if (current.attempt.attemptNo >= (current.rules?.attemptsMax ?? 1)) {
    asked.refuse({ code: 'attempts_exhausted' });
    return current;
  }
  if (isTooLate(current)) {
    asked.refuse({ code: 'payment_closed', error: overdue });
    return current;
  }
  const { provider, method, answerBy } = command;
  const order = { provider, method, answerBy, cause: causeOf(command) };
  // What no channel takes must not cost the customer the checkout that is open.
  const impossible = patched('look-before-closing') ? await lookForChannel(current, order) : undefined;
  if (impossible !== undefined) {
    asked.refuse({ code: 'channel_refused', error: impossible });
    return current;
  }
  const closed = await closeCharge(current, desk, 'unreleased_charge', interruptible);
  if (closed.kind === 'news') return undefined;
  if (closed.kind !== 'released') return notClosed(current, asked, closed);
  // Closing has taken what was left of its time.
  if (isTooLate(current)) {
    asked.refuse({ code: 'payment_closed', error: overdue });
    return expire(current, desk);
  }
  const isLastUnbegun = closed.isUnbegun;
  const { payment, refused } = await regular.startAttempt(asClosed(current), { ...order, isLastUnbegun });
  if (refused !== undefined) asked.refuse({ code: 'channel_refused', error: refused });
  return rejoin(current, payment);
}

function isTooLate({ request }: OpenedPayment): boolean {
  return isOverdue(request) && patched('no-attempt-when-overdue');
}

function lookForChannel(
  ...args: Parameters<typeof local.refusalOfAttempt>
): Promise<ChannelError | undefined> {
  return promptly(
    () => local.refusalOfAttempt(...args),
    () => regular.refusalOfAttempt(...args),
  );
}

/** Nothing is open anywhere, so there is nothing to close first. */
async function retry(
  current: OpenedPayment,
  asked: Asked,
  command: Command & { kind: 'retry' },
): Promise<OpenedPayment> {
  if (isTooLate(current)) {
    asked.refuse({ code: 'payment_closed', error: overdue });
    return current;
  }
  const cause: Cause = { ...causeOf(command), reason: command.reason };
  const { payment, refused } = await regular.startAttempt(current, { provider: command.provider, cause });
  if (refused !== undefined) asked.refuse({ code: 'channel_refused', error: refused });
  return rejoin(current, payment);
}

async function review(current: OpenedPayment, command: Command & { kind: 'review' }): Promise<OpenedPayment> {
  const cause: Cause = { ...causeOf(command), reason: command.reason };
  if (command.decision === 'approve') return regular.approve(current, cause);
  const attempt = attemptEnd(current.attempt.status, 'cancelled');
  return rejoin(
    current,
    await regular.writePayment(current, { to: 'rejected', attempt, lastError: rejected, cause }),
  );
}

const captureInDoubt: ChannelError = {
  code: 'capture_in_doubt',
  message:
    'The channel has not confirmed a capture; what became of it is found out before anything else is done.',
};
const rejected: ChannelError = {
  code: 'rejected',
  message:
    'The payment was rejected in review; nothing was charged. Start again with a new orderId if you may.',
};
