import { condition } from '@temporalio/workflow';
import type { OpenedPayment } from '../../activities/payment/contracts';
import type { SignalledEvent } from '../contracts';
import type { Asked } from './commands';

/** What lies before a payment's workflow, and what it has to remember besides the payment itself. */
export interface Desk {
  mail: SignalledEvent[];
  /** One that is being carried out stays the first until it is done. */
  commands: Asked[];
  /** Doubles with every poll, and with every pause before something is tried again. */
  pollMs: number;
  pollMsMax: number;
  /** A capture was sent whose end is not known: it comes before any other, and before the reservation is given back. */
  isCaptureInDoubt: boolean;
  /** The channel refused the capture at the deadline, and is not asked for it again. */
  isDeadlineCaptureRefused: boolean;
  /** The attempt whose charge we have last tried to close without hearing what became of that: it may be closed. */
  unansweredClosing?: number;
  /** By attempt: charges that nobody had begun at their channel when they were given up. They may still be paid. */
  unbegun: Map<number, OpenedPayment>;
}

/** A pause before what could not be done is tried again; news ends it. */
export async function pause(desk: Desk): Promise<void> {
  const summary = 'The channel could not be asked, or has not said: tried again after this pause';
  await condition(() => desk.mail.length > 0, desk.pollMs, { summary });
  desk.pollMs = Math.min(desk.pollMs * 2, desk.pollMsMax);
}
