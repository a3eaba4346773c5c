import { patched } from '@temporalio/workflow';
import type { Cause, OpenedPayment } from '../../activities/payment/contracts';
import type { ChannelError } from '../../domain/payment/outcome';
import { attemptEnd } from '../../domain/payment/attempt-end';
import { commandKey, isPartCaptured, releaseKey } from '../../domain/payment/command';
import type { Command } from '../contracts';
import { regular } from './activities';
import type { Attention } from './attention';
import { asClosed, closeCharge, interruptible, isOnBooks, type Closed } from './closing';
import type { Asked } from './commands';
import type { Desk } from './desk';
import { rejoin } from './writing';

/** Only when the provider has confirmed that nobody can pay any longer is it cancelled. */
export async function cancel(
  current: OpenedPayment,
  asked: Asked,
  command: Command & { kind: 'cancel' },
  desk: Desk,
): Promise<OpenedPayment | undefined> {
  if (isPartCaptured(current.state)) {
    if (patched('release-rest')) return releaseRest(current, asked, command, desk);
    asked.refuse({ code: 'not_cancellable' });
    return current;
  }
  const cause: Cause = { ...causeOf(command), reason: command.reason };
  if (current.state.status !== 'review') {
    const closed = await closeCharge(current, desk, 'unreleased_charge', interruptible);
    if (closed.kind === 'news') return undefined;
    if (closed.kind !== 'released') return notClosed(current, asked, closed);
    if (closed.isUnbegun === true) {
      const writing = { to: 'cancelled', lastError: cancelledUnbegun, cause } as const;
      return rejoin(current, await regular.writePayment(current, writing));
    }
  }
  const attempt = attemptEnd(current.attempt.status, 'cancelled');
  return rejoin(
    current,
    await regular.writePayment(asClosed(current), { to: 'cancelled', attempt, lastError: cancelled, cause }),
  );
}

/** The rest goes back to the customer, as it does at the deadline, and the payment ends with what is captured. */
async function releaseRest(
  current: OpenedPayment,
  asked: Asked,
  command: Command & { kind: 'cancel' },
  desk: Desk,
): Promise<OpenedPayment | undefined> {
  const cause: Cause = { ...causeOf(command), key: releaseKey(command.id), reason: command.reason };
  const closed = await closeCharge(current, desk, 'unreleased_charge', interruptible);
  if (closed.kind === 'news') return undefined;
  const isLetGo = closed.kind === 'paid' && isOnBooks(current, closed.status);
  if (closed.kind !== 'released' && !isLetGo) return notClosed(current, asked, closed);
  const attempt = { status: 'succeeded' } as const;
  return rejoin(current, await regular.writePayment(asClosed(current), { to: 'succeeded', attempt, cause }));
}

/** The customer was faster, or the channel does not close it: then it can't be taken for closed. */
export async function notClosed(
  current: OpenedPayment,
  asked: Asked,
  closed: Exclude<Closed, { kind: 'released' | 'news' }>,
): Promise<OpenedPayment> {
  switch (closed.kind) {
    case 'paid':
      asked.refuse({ code: 'already_paid' });
      break;
    case 'reserved':
      asked.refuse({ code: 'channel_refused', error: stillOpen });
      if (current.state.status === 'authorized') return current;
      break;
    case 'processing':
      asked.refuse({ code: 'channel_refused', error: stillProcessing });
      break;
    case 'open':
      asked.refuse({ code: 'channel_refused', error: stillOpen });
      return current;
    case 'unasked':
      asked.refuse({ code: 'channel_refused', error: couldNotAsk(closed.attention) });
      return current;
  }
  const { attemptNo, channelConfigId } = current.attempt;
  // The channel says so; who asked wanted something else.
  const cause: Cause = { by: 'poll', key: causeOf(asked.command).key };
  const news = { payment: current, attemptNo, channelConfigId, inboxIds: [], news: closed.status, cause };
  return rejoin(current, await regular.recordNews(news));
}

export function causeOf({ kind, id, by }: Command): Cause {
  return { by: by.role, key: commandKey(kind, id), keyId: by.keyId };
}

function couldNotAsk(attention: Attention): ChannelError {
  return attention === 'channel_removed'
    ? { code: 'channel_not_configured', message: 'The channel of this payment is not configured any more.' }
    : { code: 'channel_away', message: 'The channel did not say whether the charge is closed: ask again.' };
}

const stillOpen: ChannelError = {
  code: 'charge_still_open',
  message: 'The channel can not close the charge: it can still be paid until it ends there by itself.',
};
const stillProcessing: ChannelError = {
  code: 'charge_processing',
  message: 'The customer has paid and the channel is working on it: wait until it says how that ended.',
};
const cancelled: ChannelError = {
  code: 'cancelled',
  message: 'The payment was cancelled; nothing had been charged by then.',
};
const cancelledUnbegun: ChannelError = {
  code: 'cancelled',
  message:
    'The payment was cancelled; nothing had been charged by then. The channel can not take back what the customer was given to pay with: what is paid there now is held in suspense.',
};
