import type { ChannelError, MovedMoney } from '../../domain/payment/outcome';
import type { AttemptStatus } from '../../domain/payment/react';
import { attemptReference, type AttemptName } from '../../domain/payment/reference';
import { neverBegunCode } from '../../domain/payment/uncalled';
import type { Queryable } from '../pool';
import type { StoredAttempt } from './payments-store';

export interface LateCharge {
  paymentId: string;
  attemptNo: number;
  channelConfigId: string;
  charge: MovedMoney;
  /** The event that told it; left out where the channel was asked. */
  inboxId?: string;
  eventId: string;
}

/**
 * Writes late money down as suspense with an event on its payment, and settles the inbox row, all in one
 * statement. False if this very charge is on the books already: then the news was a repetition.
 */
export async function holdLateCharge(database: Queryable, late: LateCharge): Promise<boolean> {
  const { rows } = await database.query<{ held: boolean }>(
    `
with charge as (
  insert into provider_charges (channel_config_id, provider_ref, payment_id, attempt_no, amount, currency, disposition, reason)
  select $1, $2, id, $4, $5, $6, 'suspense',
    case when status in ('succeeded', 'partially_refunded', 'refunded', 'disputed') then 'second_success' else 'late' end
  from payments where id = $3 on conflict (channel_config_id, provider_ref) do nothing
  returning payment_id
), payment as (
  update payments set version = version + 1, updated_at = now()
  where id = $3 and exists (select from charge) returning id, version, status
), event as (
  insert into payment_events (payment_id, version, event_id, type, from_status, to_status, cause)
  select id, version, $7, 'payment.late_money', status, status,
    jsonb_build_object('by', case when $9::uuid is null then 'poll' else 'webhook' end, 'key', $8::text, 'providerRef', $2::text)
  from payment
), inbox as (
  update webhook_inbox set status = case when exists (select from charge) then 'applied' else 'ignored' end,
    settled_at = now()
  where id = $9 and status = 'received'
)
select exists (select from charge) as held`,
    [
      late.channelConfigId,
      late.charge.providerRef,
      late.paymentId,
      late.attemptNo,
      late.charge.amountMinor,
      late.charge.currency,
      late.eventId,
      `late:${late.inboxId ?? late.charge.providerRef}`,
      late.inboxId ?? null,
    ],
  );
  return rows[0]?.held === true;
}

/** What became, at the channel, of an attempt that was still open when its payment had ended. */
export async function settleAttempt(
  database: Queryable,
  paymentId: string,
  attemptNo: number,
  status: AttemptStatus,
): Promise<void> {
  await database.query(
    `update payment_attempts set status = $3, answered_at = now() where payment_id = $1 and attempt_no = $2
     and status in ('sending', 'action_required', 'processing', 'authorized', 'unknown')`,
    [paymentId, attemptNo, status],
  );
}

/** Any attempt of a payment, not only the one it stands on. */
export async function loadAttempt(
  database: Queryable,
  { paymentId, attemptNo }: AttemptName,
): Promise<StoredAttempt | undefined> {
  const { rows } = await database.query<{
    channel: string;
    channel_config_id: string;
    status: AttemptStatus;
    provider_ref: string | null;
    sent_at: Date;
  }>(
    `select channel, channel_config_id, status, provider_ref, sent_at from payment_attempts
     where payment_id = $1 and attempt_no = $2`,
    [paymentId, attemptNo],
  );
  const row = rows[0];
  return (
    row && {
      attemptNo,
      reference: attemptReference(paymentId, attemptNo),
      channel: row.channel,
      channelConfigId: row.channel_config_id,
      status: row.status,
      providerRef: row.provider_ref ?? undefined,
      sentAt: row.sent_at,
    }
  );
}

/** Attempts that were given up for another one before the customer had begun them: they may still be paid. */
export async function unbegunAttempts(database: Queryable, paymentId: string): Promise<StoredAttempt[]> {
  const { rows } = await database.query<{ attempt_no: number }>(
    `select attempt_no from payment_attempts
     where payment_id = $1 and status = 'cancelled' and error ->> 'code' = $2 order by attempt_no`,
    [paymentId, neverBegunCode],
  );
  const attempts = await Promise.all(
    rows.map(({ attempt_no: attemptNo }) => loadAttempt(database, { paymentId, attemptNo })),
  );
  return attempts.filter((attempt) => attempt !== undefined);
}

/**
 * Writes down what is reserved in vain, and settles the event that told it: from now on its workflow sees to it, and the
 * sweep need not. False if that was done before.
 */
export async function keepReservation(
  database: Queryable,
  kept: AttemptName & { inboxId: string; error: ChannelError },
): Promise<boolean> {
  const { rowCount } = await database.query(
    `
with inbox as (
  update webhook_inbox set status = 'applied', settled_at = now() where id = $1 and status = 'received'
  returning event #>> '{status,charge,providerRef}' as provider_ref
)
update payment_attempts a set status = 'authorized', provider_ref = coalesce(inbox.provider_ref, a.provider_ref),
  error = $4, answered_at = now()
from inbox where a.payment_id = $2 and a.attempt_no = $3 and a.status <> 'succeeded'`,
    [kept.inboxId, kept.paymentId, kept.attemptNo, JSON.stringify(kept.error)],
  );
  return rowCount === 1;
}
