import type { ActivityInterceptorsFactory } from '@temporalio/worker';

/**
 * Every activity that may take long says by itself that its process is alive. One that stops saying so is repeated
 * elsewhere within its heartbeat time-out, instead of after the whole time that it would have been allowed.
 */
export const heartbeats: ActivityInterceptorsFactory = (context) => ({
  inbound: {
    async execute(input, next) {
      const { heartbeatTimeoutMs, isLocal } = context.info;
      if (isLocal || heartbeatTimeoutMs === undefined || heartbeatTimeoutMs === 0) return next(input);
      const beat = setInterval(() => context.heartbeat(), heartbeatTimeoutMs / 3);
      try {
        return await next(input);
      } finally {
        clearInterval(beat);
      }
    },
  },
});
