import { chargedPlans } from '../../domain/fees/payment-fees';
import type { FundedPayment } from '../../domain/refund/funding';
import type { Transaction } from '../../db/pool';
import { chargedAmounts } from '../../db/stores/charges-store';
import type { LockedPayment } from '../../db/stores/paid-payments-store';
import { takenBackOf } from '../../db/stores/taken-back';

/** All that decides who pays for what is taken back of a payment; read under its lock. */
export async function fundedPayment(
  transaction: Transaction,
  payment: LockedPayment,
  charge: { attemptNo: number; channelConfigId: string } | undefined,
): Promise<FundedPayment> {
  const { captured, conversion, currency } = payment;
  return {
    ...{ captured, conversion },
    fees: charge && chargedPlans(payment, { ...charge, currency }),
    charges: await chargedAmounts(transaction, payment.id),
    taken: await takenBackOf(transaction, payment.id),
  };
}
