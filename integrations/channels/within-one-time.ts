import type { ChannelCall } from './payment-provider';

/** Several exchanges make one call: together they have the time of one. */
export function withinOneTime(call: ChannelCall): ChannelCall {
  const until = performance.now() + call.timeoutMs;
  return {
    ...call,
    get timeoutMs() {
      return Math.max(until - performance.now(), 1);
    },
  };
}
