import type { ChannelError } from '../../domain/payment/outcome';
import type { AttemptStatus } from '../../domain/payment/react';
import type { PaymentMethod } from '../../domain/payment/request';
import type { Queryable } from '../pool';

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
  }));
}
