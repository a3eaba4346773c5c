import type { PaymentActivities } from '../../activities';
import { regular } from './activities';
import { sleepThrough } from './pause';

type Capture = PaymentActivities['capture'];

/** Captures, after whatever pauses the provider takes: each is bounded by the activity that tells of it. */
export async function captureWhenOpen(
  ...[payment, order]: Parameters<Capture>
): Promise<Awaited<ReturnType<Capture>>> {
  for (;;) {
    const captured = await regular.capture(payment, order);
    if (captured.pausedUntil === undefined) return captured;
    await sleepThrough(captured);
  }
}
