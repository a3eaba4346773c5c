import type { ChannelError } from '../../domain/payment/outcome';
import type { AttemptStatus } from '../../domain/payment/react';
import type { PaymentMethod } from '../../domain/payment/request';
import type { Queryable } from '../pool';
import { chargePlace, type ChargePlace } from './charge-place';

export interface ListedAttempt {
  attemptNo: number;
  reference: string;
  channel: string;
  /** Where it goes another way than the payment began. */
  method?: PaymentMethod;
  status: AttemptStatus;
  providerRef?: string;
  error?: ChannelError;
  sentAt: Date;
  answeredAt?: Date;
  /** What was charged on it, late and second money too; several captures are several. */
  charges: ListedCharge[];
}

export interface ListedCharge {
  providerRef: string;
  amount: bigint;
  currency: string;
  place: ChargePlace;
}

/** A payment's attempts in the order in which they were made, one more than asked for. */
export async function listAttempts(
  db: Queryable,
  paymentId: string,
  page: { limit: number; after: number },
): Promise<ListedAttempt[]> {
  const { rows } = await db.query<{
    attempt_no: number;
    reference: string;
    channel: string;
    method: PaymentMethod | null;
    status: AttemptStatus;
    provider_ref: string | null;
    error: ChannelError | null;
    sent_at: Date;
    answered_at: Date | null;
  }>(
    `select attempt_no, reference, channel, method, status, provider_ref, error, sent_at, answered_at
     from payment_attempts where payment_id = $1 and attempt_no > $2 order by attempt_no limit $3`,
    [paymentId, page.after, page.limit + 1],
  );
  const charges = await chargesOf(db, paymentId);
  return rows.map((row) => ({
    attemptNo: row.attempt_no,
    reference: row.reference,
    channel: row.channel,
    method: row.method ?? undefined,
    status: row.status,
    providerRef: row.provider_ref ?? undefined,
    error: row.error ?? undefined,
    sentAt: row.sent_at,
    answeredAt: row.answered_at ?? undefined,
    charges: charges.get(row.attempt_no) ?? [],
  }));
}

async function chargesOf(db: Queryable, paymentId: string): Promise<Map<number, ListedCharge[]>> {
  const { rows } = await db.query<{
    attempt_no: number;
    provider_ref: string;
    amount: bigint;
    currency: string;
    place: ChargePlace;
  }>(
    `select c.attempt_no, c.provider_ref, c.amount, c.currency, ${chargePlace} as place
     from provider_charges c where c.payment_id = $1 order by c.created_at, c.capture_no, c.provider_ref`,
    [paymentId],
  );
  const byAttempt = new Map<number, ListedCharge[]>();
  for (const { attempt_no: attemptNo, provider_ref: providerRef, ...charge } of rows) {
    byAttempt.set(attemptNo, [...(byAttempt.get(attemptNo) ?? []), { providerRef, ...charge }]);
  }
  return byAttempt;
}
