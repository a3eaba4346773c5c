import type { OpenedPayment } from './contracts';
import type { PaymentDeps } from './deps';

/**
 * Whether a decline leaves the charge open is the channel's to say, once, while it is configured: whoever ends the
 * attempt later has it closed then.
 */
export function createStillPayable({ channelOf }: Pick<PaymentDeps, 'channelOf'>) {
  return async (payment: OpenedPayment): Promise<OpenedPayment> => {
    const { attempt } = payment;
    if (attempt.status !== 'declined') return payment;
    const channel = await channelOf(attempt.channelConfigId);
    if (channel?.provider.capabilities.declineEnds !== false) return payment;
    return { ...payment, attempt: { ...attempt, isStillPayable: true } };
  };
}
