import { doubtOfCharge, doubtOfUnasked } from '../../domain/refund/doubt';
import { parsePublicId, publicId } from '../../domain/ids';
import type { RefundEvent } from '../../domain/payment/outcome';
import { attemptReference, parseAttemptReference } from '../../domain/payment/reference';
import { findChargedAttempt, isAttemptCharged } from '../../db/stores/charges-store';
import { loadRefund, type Reservation } from '../../db/stores/refunds-store';
import { ignoreArrivals, type UnsettledArrival } from '../../db/stores/webhook-inbox-store';
import type { RefundDeps } from './deps';
import { createHearAfterEnd } from './hear-after-end';
import { createSetNewsAside } from './set-news-aside';
import type { RefundStarter } from './workflow-starter';

export interface DeliverRefundNewsDeps extends Pick<RefundDeps, 'database' | 'log'> {
  refunds: Pick<RefundStarter, 'deliver'>;
}

/** Brings what a channel says of a refund to its workflow; what none can apply is ignored, or set aside for an operator. */
export function createDeliverRefundNews({ refunds, ...deps }: DeliverRefundNewsDeps) {
  const { database, log } = deps;
  const hearAfterEnd = createHearAfterEnd(deps);
  const setNewsAside = createSetNewsAside(deps);

  return async function deliverRefundNews(arrival: UnsettledArrival, event: RefundEvent): Promise<void> {
    const { inboxId, channelConfigId } = arrival;
    const refundId = parsePublicId('refund', event.reference ?? '');
    const refund = refundId === undefined ? undefined : await loadRefund(database, refundId);
    // Who holds another account's secret decides nothing about it.
    if (refund?.reservation?.channelConfigId !== channelConfigId) return hearOfUnasked(arrival, event);
    const { id, paymentId, reservation } = refund;
    const reason = doubtOfCharge(event, chargeOf(paymentId, reservation));
    if (reason !== undefined) return setNewsAside(inboxId, { paymentId, reason });
    if (!(await refunds.deliver(id, { inboxId, event }))) await hearAfterEnd({ inboxId, event });
  };

  /** Money that went back beside us, where it is of a charge on our books; an account may serve others than us. */
  async function hearOfUnasked({ inboxId, channelConfigId }: UnsettledArrival, event: RefundEvent) {
    const charged = await chargedAttemptOf(channelConfigId, event);
    const reason = charged && doubtOfUnasked(event.status);
    if (charged !== undefined && reason !== undefined) {
      return setNewsAside(inboxId, { paymentId: charged.paymentId, reason });
    }
    if (event.reference !== undefined) {
      const channelConfig = publicId('channelConfig', channelConfigId);
      log.warn(
        { channelConfig, reference: event.reference, inboxId },
        'news of a refund that this channel was never given: ignored',
      );
    }
    return ignoreArrivals(database, [inboxId]);
  }

  async function chargedAttemptOf(channelConfigId: string, { chargeReference, chargeRef }: RefundEvent) {
    if (chargeRef !== undefined) {
      return findChargedAttempt(database, { channelConfigId, providerRef: chargeRef });
    }
    const attempt = parseAttemptReference(chargeReference ?? '');
    return attempt && (await isAttemptCharged(database, { ...attempt, channelConfigId }))
      ? attempt
      : undefined;
  }
}

function chargeOf(paymentId: string, { attemptNo, chargeRef }: Reservation) {
  return { chargeReference: attemptReference(paymentId, attemptNo), chargeRef };
}
