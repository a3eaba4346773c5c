import { condition, patched, sleep } from '@temporalio/workflow';
import type { OpenedPayment } from '../../activities/payment/contracts';
import type { Released } from '../../activities/payment/release';
import { watchMs } from '../../domain/payment/watch';
import { regular } from './activities';
import { attentionFor, callForAttention } from './attention';
import { isLeftOpen } from './closing';
import type { Desk } from './desk';
import { handOver } from './hand-over';

/** What can still be paid when the payment has ended: its last charge, and those that nobody had begun. */
export function leftOpen(current: OpenedPayment, { unbegun }: Pick<Desk, 'unbegun'>): OpenedPayment[] {
  const { attemptNo, status } = current.attempt;
  const left = new Map(unbegun);
  // It was begun after all, and its money is on the books.
  if (status === 'succeeded') left.delete(attemptNo);
  if (isLeftOpen(current)) left.set(attemptNo, current);
  return [...left.values()];
}

/**
 * The payment has ended and a charge of it has not: an older one was paid, or the channel can't close this one. It is
 * closed, or looked at until it is over; what is paid there now is held in suspense.
 */
export async function release(current: OpenedPayment, desk: Desk): Promise<void> {
  const left = leftOpen(current, desk);
  if (left.length === 0 || !patched('release-open-charge')) return;
  // Looks at what nobody has begun are far apart: there it is news that tells soon.
  const wait = desk.unbegun.size === 0 ? undefined : (ms: number) => untilMail(desk, ms);
  await Promise.all(
    left.map((one) => untilOver((isLastLook) => regular.releaseCharge(one, isLastLook), desk, wait)),
  );
}

/** What came while the payment ended: money in it is late, or reserved in vain; the sweep need not find it first. */
export async function forwardMail({ mail }: Desk): Promise<void> {
  if (mail.length === 0 || !patched('forward-mail')) return;
  for (const { inboxId } of mail.splice(0)) {
    if ((await regular.recordLate(inboxId)) === 'reserved_in_vain') await handOver(inboxId);
  }
}

async function untilMail(desk: Desk, ms: number): Promise<void> {
  await condition(() => desk.mail.length > 0, ms, untilNobodyCanPay);
  await forwardMail(desk);
}

const untilNobodyCanPay = {
  summary: 'Waits until nobody can pay the charge that was left open; asked again then',
};

/** So far apart are looks at a charge that nobody has begun: most never will. */
const unbegunPauseMsMax = 86_400_000;

/** Closes what a payment has left behind, again and again while the channel keeps it open or can't be asked. */
export async function untilOver(
  close: (isLastLook: boolean) => Promise<Released>,
  { pollMs, pollMsMax }: Pick<Desk, 'pollMs' | 'pollMsMax'>,
  wait: (ms: number) => Promise<void> = (ms) => sleep(ms, untilNobodyCanPay),
): Promise<void> {
  const until = Date.now() + watchMs;
  for (let pauseMs = pollMs; ; pauseMs = Math.min(pauseMs * 2, unbegunPauseMsMax)) {
    const isLastLook = Date.now() >= until;
    let seen: Released | undefined;
    try {
      seen = await close(isLastLook);
      if (seen === 'over') return callForAttention(undefined);
    } catch (error) {
      callForAttention(attentionFor(error, 'unreleased_charge'));
    }
    if (isLastLook) return callForAttention('unreleased_charge');
    await wait(seen === 'not_begun' ? pauseMs : Math.min(pauseMs, pollMsMax));
  }
}
