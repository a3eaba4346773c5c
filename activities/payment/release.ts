import type { AttemptStatus } from '../../domain/payment/react';
import { settleAttempt } from '../../db/stores/late-charges-store';
import type { OpenedPayment } from './contracts';
import type { PaymentDeps } from './deps';
import { createHoldLateMoney } from './hold-late-money';
import { createQueries } from './query';

export type Released = 'over' | 'still_open';

/**
 * A charge that is still open after its payment has ended: it is closed, and if somebody paid it all the same, that
 * money is held in suspense. Asked again by its workflow as long as the channel keeps it open.
 */
export function createReleaseCharge(deps: PaymentDeps) {
  const { closeCharge } = createQueries(deps);
  const holdLateMoney = createHoldLateMoney(deps);

  return async function releaseCharge(payment: OpenedPayment): Promise<Released> {
    const status = await closeCharge(payment);
    switch (status.kind) {
      case 'open':
      case 'authorized':
      case 'unknown':
        return 'still_open';
      case 'succeeded': {
        const { request: address, attempt } = payment;
        const { channelConfigId, attemptNo } = attempt;
        const name = { paymentId: address.paymentId, attemptNo };
        await holdLateMoney({ address, attempt: name, channelConfigId, told: status.charge });
        return over(payment, 'succeeded');
      }
      case 'declined':
      case 'cancelled':
        return over(payment, status.kind);
      case 'not_found':
        return over(payment, 'unavailable');
    }
  };

  async function over({ request, attempt }: OpenedPayment, status: AttemptStatus): Promise<Released> {
    await settleAttempt(deps.database, request.paymentId, attempt.attemptNo, status);
    return 'over';
  }
}
