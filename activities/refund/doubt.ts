import { inTransaction } from '../../db/transaction';
import { changeRefund, loadRefund, postponeRefund, type StoredRefund } from '../../db/stores/refunds-store';
import { isRefundOver } from '../../domain/refund/status';
import type { PaymentTimings } from '../payment/deps';
import { toldPause } from '../pause';
import type { RefundProgress } from './contracts';
import type { RefundDeps } from './deps';
import { progressOf } from './reserve';

/** Looks are as far apart as the doubt is old, and no further than this. */
const pauseMsMax = 3_600_000;

/** Until when a call that was sent may still be carried out by a channel that knows refunds by their sum alone. */
export function doubtEndsAt(
  sentAt: Date,
  { refundDoubtMs, channelTimeoutMs }: Pick<PaymentTimings, 'refundDoubtMs' | 'channelTimeoutMs'>,
): number {
  return sentAt.getTime() + Math.max(refundDoubtMs, channelTimeoutMs);
}

/**
 * For channels that know refunds by their sum alone: that the sum is unchanged does not tell a call that never arrived
 * from one that is still to be carried out, and sending another would give the money back twice. So the refund is only
 * looked for until the time for that is over, and says so.
 */
export function createWaitOutDoubt({ database, timings }: Pick<RefundDeps, 'database' | 'timings'>) {
  /** Undefined: there is no doubt, or not any more. */
  return async function waitOutDoubt(refund: StoredRefund): Promise<RefundProgress | undefined> {
    const { sentAt, reservation } = refund;
    if (sentAt === undefined || reservation === undefined) return undefined;
    const now = Date.now();
    const endsAt = doubtEndsAt(sentAt, timings);
    if (now >= endsAt) return undefined;
    const pauseMs = Math.min(now - sentAt.getTime(), pauseMsMax, endsAt - now);
    const until = new Date(now + Math.max(pauseMs, 1));
    const reason = `${reservation.channel} does not show this refund, whose answer was lost; looked for again then`;
    return inTransaction(database, async (transaction) => {
      const current = (await loadRefund(transaction, refund.id, { lock: true })) ?? refund;
      if (isRefundOver(current.status)) return progressOf(current);
      await postponeRefund(transaction, refund.id, until);
      if (current.error?.code !== doubtCode) {
        const error = { code: doubtCode, message: whyItWaits(reservation.channel, endsAt) };
        await changeRefund(transaction, { refundId: refund.id, to: 'unknown', error, isOver: false });
      }
      return { ...progressOf({ ...current, status: 'unknown' }), ...toldPause({ until, reason }) };
    });
  };
}

const doubtCode = 'refund_in_doubt';

function whyItWaits(channel: string, endsAt: number): string {
  return `The answer was lost, and ${channel} knows refunds by their sum alone, so a second call could give the money back twice. The refund is looked for there, and is sent again only if it has not been seen by ${new Date(endsAt).toISOString()}.`;
}
