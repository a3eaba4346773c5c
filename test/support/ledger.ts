import { randomUUID } from 'node:crypto';
import { newId } from '../../db/ids';
import { publicId } from '../../domain/ids';
import { successJournal, type ChargeBooked } from '../../domain/ledger/payment-journals';
import type { Journal } from '../../domain/ledger/journal';

/** A charge of 100.00 USD with a fee of 3.20 and a cost of 2.90, of a new payment of a new merchant. */
function aCharge(over: Partial<ChargeBooked> = {}): ChargeBooked {
  const paymentId = over.paymentId ?? newId();
  return {
    reference: `${publicId('payment', paymentId)}-1`,
    mode: 'test',
    effectiveAt: new Date('2026-01-02T03:04:05.678Z'),
    paymentId,
    merchantId: randomUUID(),
    channelConfigId: randomUUID(),
    amount: { amount: 10_000n, currency: 'USD' },
    fee: 320n,
    channelCost: 290n,
    ...over,
  };
}

export function aSuccess(over: Partial<ChargeBooked> = {}): Journal {
  return successJournal(aCharge(over));
}
