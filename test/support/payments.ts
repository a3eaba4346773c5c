import { newId } from '../../db/ids';
import type { Database } from '../../db/pool';
import { openPayment } from '../../db/stores/payments-store';
import type { PinnedFees } from '../../domain/fees/contracts';
import { usualRules } from '../../domain/payment/plan';
import type { Mode } from '../../domain/payment/reference';
import type { PaymentMethod } from '../../domain/payment/request';

export interface PaymentInDatabase {
  merchantId: string;
  mode?: Mode;
  orderId: string;
  amountMinor?: string;
  currency?: string;
  method?: PaymentMethod;
  status?: string;
  createdAt?: Date;
  id?: string;
  channelConfigId?: string;
  fees?: PinnedFees;
}

/** A payment as its first transaction leaves it, or brought to another status; returns its id. */
export async function insertPayment(database: Database, payment: PaymentInDatabase): Promise<string> {
  const paymentId = payment.id ?? newId();
  const createdAt = payment.createdAt ?? new Date();
  await openPayment(database, {
    request: {
      paymentId,
      merchantId: payment.merchantId,
      mode: payment.mode ?? 'test',
      orderId: payment.orderId,
      amountMinor: payment.amountMinor ?? '10050',
      currency: payment.currency ?? 'USD',
      description: 'tea',
      method: payment.method,
      metadata: {},
      createdAt: createdAt.toISOString(),
      expiresAt: new Date(createdAt.getTime() + 1_800_000).toISOString(),
      requestHash: '00'.repeat(32),
    },
    plan: {
      configVersion: 1,
      expiryMs: 1_800_000,
      routing: { chosen: [], considered: [] },
      rules: usualRules,
      fees: payment.fees,
    },
    channel: 'kpay',
    channelConfigId: payment.channelConfigId ?? newId(),
    eventId: newId(),
    sentAt: createdAt,
    wakeAt: createdAt,
    status: 'pending',
    attemptStatus: 'sending',
  });
  if (payment.status !== undefined) {
    await database.query('update payments set status = $2, version = version + 1 where id = $1', [
      paymentId,
      payment.status,
    ]);
  }
  return paymentId;
}
