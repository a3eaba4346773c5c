import type { ChannelStatistics } from './channel-statistics';

export interface ExchangeLoop {
  start(): void;
  stop(): Promise<void>;
}

/** One exchange at a time, each a while after the one before it has ended. */
export function createExchangeLoop(
  statistics: Pick<ChannelStatistics, 'exchange'>,
  everyMs: number,
): ExchangeLoop {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let isStopped = true;

  function next(): void {
    timer = setTimeout(() => {
      running = statistics.exchange().then(() => {
        if (!isStopped) next();
      });
    }, everyMs);
    timer.unref();
  }

  return {
    start() {
      if (!isStopped) return;
      isStopped = false;
      next();
    },
    /** What was seen last is told before the process ends. */
    async stop() {
      if (isStopped) return;
      isStopped = true;
      clearTimeout(timer);
      await running;
      await statistics.exchange();
    },
  };
}
