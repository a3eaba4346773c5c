import { condition, sleep } from '@temporalio/workflow';

/** What an activity tells instead of calling a provider that wants to be left alone. */
export interface ToldPause {
  pausedUntil?: string;
  pauseReason?: string;
}

/** Waits a provider's pause out; the timer carries the reason, for whoever reads the history. */
export async function sleepThrough(pause: ToldPause): Promise<void> {
  await sleep(pauseMs(pause), summaryOf(pause));
}

/** Until the pause is over or there is mail. */
export async function pauseUnlessMail(pause: ToldPause, mail: readonly unknown[]): Promise<void> {
  await condition(() => mail.length > 0, pauseMs(pause), summaryOf(pause));
}

function pauseMs({ pausedUntil = '' }: ToldPause): number {
  const leftMs = Date.parse(pausedUntil) - Date.now();
  return Number.isNaN(leftMs) ? 1 : Math.max(leftMs, 1);
}

function summaryOf({ pauseReason = 'The channel wants to be left alone' }: ToldPause) {
  return { summary: pauseReason };
}
