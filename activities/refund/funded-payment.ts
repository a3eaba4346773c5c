import type { FundedPayment } from '../../domain/refund/funding';
import type { Transaction } from '../../db/pool';
import { chargedAmounts } from '../../db/stores/charges-store';
import type { LockedPayment } from '../../db/stores/paid-payments-store';
import { takenBackOf } from '../../db/stores/taken-back';

/** All that decides who pays for what is taken back of a payment; read under its lock. */
export async function fundedPayment(
  transaction: Transaction,
  payment: LockedPayment,
  channelConfigId: string,
): Promise<FundedPayment> {
  const { captured, fees, conversion } = payment;
  return {
    ...{ captured, fees, conversion, channelConfigId },
    charges: await chargedAmounts(transaction, payment.id),
    taken: await takenBackOf(transaction, payment.id),
  };
}
