import type { ChannelError } from '../../domain/payment/outcome';
import type { Mode } from '../../domain/payment/reference';
import type { ExchangeShare } from '../../domain/refund/funding';
import type { RefundKind } from '../../domain/refund/present';
import type { RefundStatus } from '../../domain/refund/status';
import type { SuspenseKey } from '../../domain/suspense/suspense-id';
import type { Queryable } from '../pool';
import { readShare, writeShare, type StoredShare } from './taken-back';

/** What the amount is given back of, and where it was taken from when it was set aside. */
export interface Reservation {
  attemptNo: number;
  channel: string;
  channelConfigId: string;
  /** The provider's number of the charge. */
  chargeRef: string;
  takenFrom: 'pending' | 'available';
  /** Of the amount, what came out of our fee; undefined: it is given back when the refund is done. */
  feeSetAside?: bigint;
  /** What of the payment's exchange was undone for it. */
  exchange?: ExchangeShare;
}

export interface StoredRefund {
  id: string;
  paymentId: string;
  merchantId: string;
  mode: Mode;
  refundNo?: string;
  amount: bigint;
  wantsAll: boolean;
  currency: string;
  reason: string;
  kind: RefundKind;
  /** Undefined: it gives back the payment's own money. */
  lateCharge?: SuspenseKey;
  status: RefundStatus;
  version: number;
  /** Undefined: nothing is set aside. */
  reservation?: Reservation;
  providerRef?: string;
  requestHash: string;
  requestedBy: { role: string; keyId?: string };
  error?: ChannelError;
  sentAt?: Date;
  giveUpAt?: Date;
  createdAt: Date;
  updatedAt: Date;
}

export interface RefundRow {
  id: string;
  payment_id: string;
  merchant_id: string;
  mode: Mode;
  refund_no: string | null;
  amount: bigint;
  wants_all: boolean;
  currency: string;
  reason: string;
  kind: RefundKind;
  status: RefundStatus;
  version: number;
  attempt_no: number | null;
  channel: string | null;
  channel_config_id: string | null;
  charge_ref: string | null;
  taken_from: 'pending' | 'available';
  fee_set_aside: bigint | null;
  exchange: StoredShare | null;
  reserved_at: Date | null;
  provider_ref: string | null;
  request_hash: Buffer;
  requested_by: { role: string; keyId?: string };
  error: ChannelError | null;
  sent_at: Date | null;
  give_up_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

export async function loadRefund(
  database: Queryable,
  refundId: string,
  how: { lock: boolean } = { lock: false },
): Promise<StoredRefund | undefined> {
  const { rows } = await database.query<RefundRow>(
    `select * from refunds where id = $1${how.lock ? ' for update' : ''}`,
    [refundId],
  );
  return rows[0] && toRefund(rows[0]);
}

/** Scope is an argument: a merchant's number is found in its own mode and nowhere else. */
export async function loadRefundByNo(
  database: Queryable,
  scope: { mode: Mode; merchantId: string },
  refundNo: string,
): Promise<StoredRefund | undefined> {
  const { rows } = await database.query<RefundRow>(
    `select r.* from refund_keys k join refunds r on r.id = k.refund_id
     where k.mode = $1 and k.merchant_id = $2 and k.refund_no = $3`,
    [scope.mode, scope.merchantId, refundNo],
  );
  return rows[0] && toRefund(rows[0]);
}

export type NewRefund = Pick<
  StoredRefund,
  | 'id'
  | 'paymentId'
  | 'merchantId'
  | 'mode'
  | 'refundNo'
  | 'amount'
  | 'wantsAll'
  | 'currency'
  | 'reason'
  | 'kind'
  | 'lateCharge'
  | 'requestHash'
  | 'requestedBy'
> & { wakeAt: Date };

/** False if the merchant's number is taken by another refund; then nothing is written. */
export async function insertRefund(database: Queryable, refund: NewRefund): Promise<boolean> {
  const { rowCount } = await database.query(
    `with key as (
  insert into refund_keys (mode, merchant_id, refund_no, refund_id)
  select $4, $3::uuid, $5, $1::uuid where $5::text is not null on conflict do nothing returning refund_id
)
insert into refunds (id, payment_id, merchant_id, mode, refund_no, amount, wants_all, currency, reason, kind,
  request_hash, requested_by, status, wake_at, channel_config_id, charge_ref)
select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'pending', $13, $14, $15
where $5::text is null or exists (select from key)`,
    [
      refund.id,
      refund.paymentId,
      refund.merchantId,
      refund.mode,
      refund.refundNo ?? null,
      refund.amount,
      refund.wantsAll,
      refund.currency,
      refund.reason,
      refund.kind,
      Buffer.from(refund.requestHash, 'hex'),
      JSON.stringify(refund.requestedBy),
      refund.wakeAt,
      refund.lateCharge?.channelConfigId ?? null,
      refund.lateCharge?.providerRef ?? null,
    ],
  );
  return rowCount === 1;
}

export async function reserveRefund(
  database: Queryable,
  refundId: string,
  reserved: Reservation & { amount: bigint; giveUpAt: Date },
): Promise<void> {
  await database.query(
    `update refunds set amount = $2, attempt_no = $3, channel = $4, channel_config_id = $5, charge_ref = $6,
       taken_from = $7, give_up_at = $8, fee_set_aside = $9, exchange = $10, reserved_at = now(), updated_at = now(), version = version + 1
     where id = $1`,
    [
      refundId,
      reserved.amount,
      reserved.attemptNo,
      reserved.channel,
      reserved.channelConfigId,
      reserved.chargeRef,
      reserved.takenFrom,
      reserved.giveUpAt,
      reserved.feeSetAside ?? null,
      reserved.exchange === undefined ? null : writeShare(reserved.exchange),
    ],
  );
}

export interface RefundChange {
  refundId: string;
  to: RefundStatus;
  providerRef?: string;
  error?: ChannelError;
  wakeAt?: Date;
  isOver: boolean;
}

export async function changeRefund(database: Queryable, change: RefundChange): Promise<void> {
  await database.query(
    `with changed as (
  update refunds set status = $2, version = version + 1, provider_ref = coalesce($3, provider_ref), error = $4,
    wake_at = coalesce($5, case when $6 then null else wake_at end), updated_at = now(),
    finished_at = case when $6 then now() end
  where id = $1 returning id, version, status, error
)
insert into refund_changes (refund_id, version, status, error)
select id, version, status, error from changed`,
    [
      change.refundId,
      change.to,
      change.providerRef ?? null,
      change.error === undefined ? null : JSON.stringify(change.error),
      change.wakeAt ?? null,
      change.isOver,
    ],
  );
}

/** Before each call: what was sent once may have arrived, whatever became of the answer. */
export async function markRefundSent(database: Queryable, refundId: string): Promise<void> {
  await database.query('update refunds set sent_at = now() where id = $1', [refundId]);
}

/** The call was answered: it has certainly done nothing. */
export async function markRefundUnsent(database: Queryable, refundId: string): Promise<void> {
  await database.query('update refunds set sent_at = null where id = $1 and finished_at is null', [refundId]);
}

/** Its workflow looks again by itself then: the sweep need not worry before. */
export async function postponeRefund(database: Queryable, refundId: string, wakeAt: Date): Promise<void> {
  await database.query('update refunds set wake_at = $2 where id = $1 and finished_at is null', [
    refundId,
    wakeAt,
  ]);
}

/** False if it waits until then, or longer, already. */
export async function postponeRefundTo(
  database: Queryable,
  refundId: string,
  wakeAt: Date,
): Promise<boolean> {
  const { rowCount } = await database.query(
    `update refunds set wake_at = $2
     where id = $1 and finished_at is null and (wake_at is null or wake_at < $2)`,
    [refundId, wakeAt],
  );
  return rowCount === 1;
}

/** Sent, and nobody has written down yet how it ended. */
export async function isRefundUnderWay(
  database: Queryable,
  { paymentId, besides }: { paymentId: string; besides: string },
): Promise<boolean> {
  const { rowCount } = await database.query(
    `select 1 from refunds
     where payment_id = $1 and id <> $2 and sent_at is not null and finished_at is null limit 1`,
    [paymentId, besides],
  );
  return rowCount !== 0;
}

/**
 * What has been given back of the same charge without this refund: by our others and, as an operator said last, outside
 * of the platform.
 */
export async function refundedOf(
  database: Queryable,
  { id, paymentId }: Pick<StoredRefund, 'id' | 'paymentId'>,
  { channelConfigId, chargeRef }: Pick<Reservation, 'channelConfigId' | 'chargeRef'>,
): Promise<bigint> {
  const { rows } = await database.query<{ refunded: bigint }>(
    `with same_charge as (
  select id, amount, status from refunds
  where payment_id = $1 and id <> $2 and channel_config_id = $3 and charge_ref = $4
)
select coalesce((select sum(amount) from same_charge where status = 'succeeded'), 0) + coalesce((
  select s.outside_refunded from same_charge r join refund_resolutions s on s.refund_id = r.id
  where s.outside_refunded is not null order by s.at desc limit 1), 0) as refunded`,
    [paymentId, id, channelConfigId, chargeRef],
  );
  return rows[0]?.refunded ?? 0n;
}

/** Refunds whose workflow should have acted long ago. Oldest first, bounded. */
export async function overdueRefunds(database: Queryable, before: Date, limit: number): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    'select id from refunds where wake_at < $1 order by wake_at limit $2',
    [before, limit],
  );
  return rows.map(({ id }) => id);
}

/** The refund of a charge in suspense that is under way or done; one that failed leaves room for another. */
export async function findLateRefund(database: Queryable, charge: SuspenseKey): Promise<string | undefined> {
  const { rows } = await database.query<{ id: string }>(
    `select r.id from provider_charges c join refunds r on r.payment_id = c.payment_id
     where c.channel_config_id = $1 and c.provider_ref = $2 and r.kind = 'late_money'
       and r.channel_config_id = $1 and r.charge_ref = $2 and r.status <> 'failed'`,
    [charge.channelConfigId, charge.providerRef],
  );
  return rows[0]?.id;
}

export interface PaidCharge {
  attemptNo: number;
  channel: string;
  channelConfigId: string;
  chargeRef: string;
}

/** The charge that a payment's money came by; several captures are one charge at the channel. */
export async function paidChargeOf(database: Queryable, paymentId: string): Promise<PaidCharge | undefined> {
  const { rows } = await database.query<{
    attempt_no: number;
    channel: string;
    channel_config_id: string;
    charge_ref: string;
  }>(
    `select c.attempt_no, a.channel, c.channel_config_id, coalesce(a.provider_ref, c.provider_ref) as charge_ref
     from provider_charges c
     join payment_attempts a on a.payment_id = c.payment_id and a.attempt_no = c.attempt_no
     where c.payment_id = $1 and a.payment_id = $1 and c.disposition = 'payment'
     order by c.capture_no limit 1`,
    [paymentId],
  );
  const row = rows[0];
  return (
    row && {
      attemptNo: row.attempt_no,
      channel: row.channel,
      channelConfigId: row.channel_config_id,
      chargeRef: row.charge_ref,
    }
  );
}

export function toRefund(row: RefundRow): StoredRefund {
  const { attempt_no, channel, channel_config_id, charge_ref } = row;
  const isReserved =
    row.reserved_at !== null && attempt_no !== null && channel !== null && channel_config_id !== null;
  return {
    id: row.id,
    paymentId: row.payment_id,
    merchantId: row.merchant_id,
    mode: row.mode,
    refundNo: row.refund_no ?? undefined,
    amount: row.amount,
    wantsAll: row.wants_all,
    currency: row.currency,
    reason: row.reason,
    kind: row.kind,
    lateCharge:
      row.kind !== 'merchant' && channel_config_id !== null && charge_ref !== null
        ? { channelConfigId: channel_config_id, providerRef: charge_ref }
        : undefined,
    status: row.status,
    version: row.version,
    reservation: isReserved
      ? {
          attemptNo: attempt_no,
          channel,
          channelConfigId: channel_config_id,
          chargeRef: charge_ref ?? '',
          takenFrom: row.taken_from,
          feeSetAside: row.fee_set_aside ?? undefined,
          exchange: readShare(row.exchange),
        }
      : undefined,
    providerRef: row.provider_ref ?? undefined,
    requestHash: row.request_hash.toString('hex'),
    requestedBy: row.requested_by,
    error: row.error ?? undefined,
    sentAt: row.sent_at ?? undefined,
    giveUpAt: row.give_up_at ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
