import type { Pause } from '../integrations/channels/payment-provider';
import { failureUntil } from './failures';
import type { Channel } from './payment/deps';

/** No provider's word keeps anybody waiting for longer than this at a time. */
const pauseMsMax = 3_600_000;

/** Until when the provider is to be left alone, if it is now. */
export function pauseOf({ provider, config }: Channel, now: Date): Pause | undefined {
  const pause = provider.pausedUntil?.(config, now);
  if (pause === undefined || pause.until <= now) return undefined;
  const latest = new Date(now.getTime() + pauseMsMax);
  return { ...pause, until: pause.until < latest ? pause.until : latest };
}

/** What a workflow is told of it: it waits by a timer of its own. */
export interface Paused {
  pausedUntil: string;
  pauseReason: string;
}

export function toldPause({ until, reason }: Pause): Paused {
  return { pausedUntil: until.toISOString(), pauseReason: reason };
}

/** Fails while the provider is to be left alone; Temporal tries again as soon as that is over. */
export function leaveAlone(channel: Channel | undefined): void {
  const now = new Date();
  const pause = channel && pauseOf(channel, now);
  if (pause === undefined) return;
  const nextTryInMs = pause.until.getTime() - now.getTime();
  throw failureUntil(
    'ChannelPaused',
    `${pause.reason}; it goes on at ${pause.until.toISOString()}.`,
    nextTryInMs,
  );
}
