import type { Mode } from '../../domain/payment/reference';
import type { PinnedConversion } from '../../domain/exchange/conversion';
import type { AttemptFees, PinnedFees } from '../../domain/fees/contracts';
import type { PaymentStatus } from '../../domain/payment/status';
import type { Queryable, Transaction } from '../pool';
import { attemptFeesOf } from './attempt-fees-store';

export interface LockedPayment {
  id: string;
  merchantId: string;
  mode: Mode;
  orderId: string;
  currency: string;
  status: PaymentStatus;
  version: number;
  amount: bigint;
  captured: bigint;
  refundReserved: bigint;
  refunded: bigint;
  /** What was agreed when it began. */
  fees?: PinnedFees;
  /** What was pinned with attempts that this says nothing of. */
  attemptFees?: AttemptFees;
  conversion?: PinnedConversion;
}

interface Row {
  id: string;
  merchant_id: string;
  mode: Mode;
  order_id: string;
  currency: string;
  status: PaymentStatus;
  version: number;
  amount: bigint;
  captured: bigint;
  refund_reserved: bigint;
  refunded: bigint;
  fees: PinnedFees | null;
  attempt_fees: AttemptFees | null;
  conversion: PinnedConversion | null;
}

/**
 * A payment whose workflow has ended is changed by refunds, disputes and late money, each from a workflow of its
 * own. They take turns: lock first, decide by what the row says then, and write with `changeLockedPayment`.
 */
export async function lockPayment(
  transaction: Transaction,
  paymentId: string,
): Promise<LockedPayment | undefined> {
  const { rows } = await transaction.query<Row>(
    `select id, merchant_id, mode, order_id, currency, status, version, amount, captured, refund_reserved, refunded,
       decision -> 'fees' as fees, ${attemptFeesOf('payments')} as attempt_fees,
       decision -> 'conversion' as conversion
     from payments where id = $1 for update`,
    [paymentId],
  );
  const row = rows[0];
  return (
    row && {
      id: row.id,
      merchantId: row.merchant_id,
      mode: row.mode,
      orderId: row.order_id,
      currency: row.currency,
      status: row.status,
      version: row.version,
      amount: row.amount,
      captured: row.captured,
      refundReserved: row.refund_reserved,
      refunded: row.refunded,
      fees: row.fees ?? undefined,
      attemptFees: row.attempt_fees ?? undefined,
      conversion: row.conversion ?? undefined,
    }
  );
}

export interface LockedChange {
  eventId: string;
  /** As in payment_events and, where merchants are told, in the callback. */
  type: string;
  /** Left out where the status stays as it is. */
  to?: PaymentStatus;
  refundReserved?: bigint;
  refunded?: bigint;
  cause: { by: string; key: string; [detail: string]: unknown };
}

/** One change of a locked payment with its event; returns the version that it made. */
export async function changeLockedPayment(
  transaction: Transaction,
  payment: LockedPayment,
  change: LockedChange,
): Promise<number> {
  const to = change.to ?? payment.status;
  const version = payment.version + 1;
  await transaction.query(
    `with payment as (
  update payments set status = $2, version = $3, refund_reserved = $4, refunded = $5, updated_at = now()
  where id = $1 returning id, version
)
insert into payment_events (payment_id, version, event_id, type, from_status, to_status, cause)
select id, version, $6, $7, $8, $2, $9::jsonb from payment`,
    [
      payment.id,
      to,
      version,
      change.refundReserved ?? payment.refundReserved,
      change.refunded ?? payment.refunded,
      change.eventId,
      change.type,
      payment.status,
      JSON.stringify(change.cause),
    ],
  );
  return version;
}

export interface PaymentCallback {
  eventId: string;
  merchantId: string;
  paymentId: string;
  endpointId: string;
  sequence: number;
  type: string;
  body: string;
}

/** Belongs into the transaction of the change that it tells about. */
export async function addCallback(transaction: Queryable, callback: PaymentCallback): Promise<void> {
  await transaction.query(
    `insert into outbox (id, merchant_id, payment_id, endpoint_id, sequence, type, body)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      callback.eventId,
      callback.merchantId,
      callback.paymentId,
      callback.endpointId,
      callback.sequence,
      callback.type,
      callback.body,
    ],
  );
}
