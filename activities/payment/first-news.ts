import type { OpenedPayment } from './contracts';

/** The step has 3.5 s (workflows/support/activities.ts), and its end still has to be told. */
const stepEndsByMs = 2_500;

export interface FirstStep {
  /** By a request of this process, which has been answered now. */
  wasAwaited: boolean;
  now: number;
  upToMs: number;
}

/**
 * How long a payment's first step stays for what comes at once: a channel often sends its news while it answers. A
 * signal that meets the first workflow task open goes on in the next task at once; a moment later it has to be queued,
 * found and begun, which costs Temporal a sixth of a payment. See docs/adr/0014.
 */
export function firstNewsWithinMs(
  { state, request }: OpenedPayment,
  { wasAwaited, now, upToMs }: FirstStep,
): number {
  const waitsForChannel = state.status === 'requires_action' || state.status === 'processing';
  if (!wasAwaited || !waitsForChannel) return 0;
  return Math.max(Math.min(upToMs, Date.parse(request.createdAt) + stepEndsByMs - now), 0);
}
