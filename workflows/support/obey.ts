import { proxyActivities } from '@temporalio/workflow';
import type { PaymentActivities } from '../../activities';
import type { Cause, LeanPayment, OpenedPayment } from '../../activities/payment/contracts';
import type { ChannelError } from '../../domain/payment/outcome';
import { refusalOf } from '../../domain/payment/command';
import type { Command } from '../contracts';
import type { Asked } from './commands';

const steps = proxyActivities<PaymentActivities>({
  startToCloseTimeout: '45s',
  // Somebody else goes on soon after a process died in the middle of it; workers/heartbeats.ts beats.
  heartbeatTimeout: '5s',
  scheduleToCloseTimeout: '24h',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/** Does what one command asks; what was right when it was accepted is looked at again, for news may have come between. */
export async function obey(current: OpenedPayment, asked: Asked): Promise<OpenedPayment> {
  const code = refusalOf(current.state, asked.command.kind);
  if (code !== undefined) {
    asked.refuse({ code });
    return current;
  }
  const after = await carryOut(current, asked);
  asked.done(after.state);
  return after;
}

function carryOut(current: OpenedPayment, asked: Asked): Promise<OpenedPayment> {
  const { command } = asked;
  switch (command.kind) {
    case 'capture':
      return capture(current, asked, command);
    case 'cancel':
      return cancel(current, asked, command);
    case 'attempt':
      return attempt(current, asked, command);
    case 'review':
      return review(current, command);
  }
}

async function capture(
  current: OpenedPayment,
  asked: Asked,
  command: Command & { kind: 'capture' },
): Promise<OpenedPayment> {
  const left = BigInt(current.request.amountMinor) - BigInt(current.state.capturedMinor ?? 0);
  const amount = command.amountMinor === undefined ? left : BigInt(command.amountMinor);
  if (amount > left) {
    asked.refuse({ code: 'capture_exceeds_authorized' });
    return current;
  }
  const wanted = { amountMinor: amount.toString(), isFinal: command.isFinal || amount === left };
  const { payment, refused } = await steps.capture(current, {
    captureNo: await steps.nextCaptureNo(current, wanted),
    ...wanted,
    cause: { by: 'merchant', key: `capture:${command.id}` },
  });
  if (refused !== undefined) asked.refuse({ code: 'channel_refused', error: refused });
  return payment;
}

/** Only when the provider has confirmed that nobody can pay any longer is it cancelled. */
async function cancel(
  current: OpenedPayment,
  asked: Asked,
  command: Command & { kind: 'cancel' },
): Promise<OpenedPayment> {
  const cause: Cause = { ...causeOf(command), reason: command.reason };
  if (current.state.status !== 'review') {
    const status = await steps.closeCharge(current);
    if (status.kind === 'succeeded') {
      asked.refuse({ code: 'already_paid' });
      return rejoin(current, steps.recordNews({ ...currentAttempt(current), news: status, cause }));
    }
  }
  const attempt = { status: 'cancelled' } as const;
  return rejoin(
    current,
    steps.writePayment(current, { to: 'cancelled', attempt, lastError: cancelled, cause }),
  );
}

/** The charge that is still open is closed first: two open ones could both be paid. */
async function attempt(
  current: OpenedPayment,
  asked: Asked,
  command: Command & { kind: 'attempt' },
): Promise<OpenedPayment> {
  if (current.attempt.attemptNo >= (current.rules?.attemptsMax ?? 1)) {
    asked.refuse({ code: 'attempts_exhausted' });
    return current;
  }
  const status = await steps.closeCharge(current);
  if (status.kind === 'succeeded') {
    asked.refuse({ code: 'already_paid' });
    return rejoin(
      current,
      steps.recordNews({ ...currentAttempt(current), news: status, cause: causeOf(command) }),
    );
  }
  const { provider, method } = command;
  const { payment, refused } = await steps.startAttempt(current, {
    provider,
    method,
    cause: causeOf(command),
  });
  if (refused !== undefined) asked.refuse({ code: 'channel_refused', error: refused });
  return payment;
}

function review(current: OpenedPayment, command: Command & { kind: 'review' }): Promise<OpenedPayment> {
  const cause: Cause = { ...causeOf(command), reason: command.reason };
  if (command.decision === 'approve') return steps.approve(current, cause);
  const attempt = { status: 'cancelled' } as const;
  return rejoin(
    current,
    steps.writePayment(current, { to: 'rejected', attempt, lastError: rejected, cause }),
  );
}

async function rejoin({ request }: OpenedPayment, step: Promise<LeanPayment>): Promise<OpenedPayment> {
  return { ...(await step), request };
}

function currentAttempt(payment: OpenedPayment) {
  const { attemptNo, channelConfigId } = payment.attempt;
  return { payment, attemptNo, channelConfigId, inboxIds: [] };
}

function causeOf({ kind, id, by }: Command): Cause {
  return { by: by.role, key: `${kind}:${id}`, keyId: by.keyId };
}

const cancelled: ChannelError = {
  code: 'cancelled',
  message: 'The payment was cancelled; nothing was charged.',
};
const rejected: ChannelError = {
  code: 'rejected',
  message:
    'The payment was rejected in review; nothing was charged. Start again with a new orderId if you may.',
};
