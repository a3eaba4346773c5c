import type { ShownDispute } from '../../domain/dispute/present';
import type { DisputeStatus } from '../../domain/dispute/status';
import type { Mode } from '../../domain/payment/reference';
import type { ExchangeShare } from '../../domain/refund/funding';
import type { SuspenseKey } from '../../domain/suspense/suspense-id';
import type { Queryable } from '../pool';
import { readShare, takesOwnMoney, writeShare, type StoredShare } from './taken-back';

export interface StoredDispute extends ShownDispute {
  channelConfigId: string;
  attemptNo: number;
  /** The provider's number of the disputed charge; undefined: any of the attempt's may be meant. */
  chargeRef?: string;
  version: number;
  /** It is not the payment's own money, but came late or twice and was given to the merchant. */
  isLateMoney: boolean;
  /** What of the payment's exchange was undone for it. */
  exchange?: ExchangeShare;
  fee: bigint;
  /** What of it was paid from suspense when it was lost. */
  fromSuspense: bigint;
  isReminded: boolean;
  wakeAt?: Date;
}

export interface DisputeRow {
  id: string;
  payment_id: string;
  merchant_id: string;
  mode: Mode;
  channel_config_id: string;
  channel: string;
  attempt_no: number;
  charge_ref: string | null;
  provider_ref: string;
  amount: bigint;
  currency: string;
  reason_code: string;
  status: DisputeStatus;
  version: number;
  taken_from: 'pending' | 'available' | null;
  late_money: boolean;
  exchange: StoredShare | null;
  fee: bigint;
  from_suspense: bigint;
  evidence_due_at: Date | null;
  evidence_sent_at: Date | null;
  reminded_at: Date | null;
  wake_at: Date | null;
  created_at: Date;
  updated_at: Date;
  finished_at: Date | null;
}

export type DisputeName = { id: string } | { channelConfigId: string; providerRef: string };

/** A lock is taken after that of the payment's row, never before. */
export async function loadDispute(
  database: Queryable,
  name: DisputeName,
  how: { lock: boolean } = { lock: false },
): Promise<StoredDispute | undefined> {
  const byId = 'id' in name;
  const { rows } = await database.query<DisputeRow>(
    `select * from disputes where ${byId ? 'id = $1' : 'channel_config_id = $1 and provider_ref = $2'}${how.lock ? ' for update' : ''}`,
    byId ? [name.id] : [name.channelConfigId, name.providerRef],
  );
  return rows[0] && toDispute(rows[0]);
}

export type NewDispute = Pick<
  StoredDispute,
  | 'id'
  | 'paymentId'
  | 'merchantId'
  | 'mode'
  | 'channelConfigId'
  | 'channel'
  | 'attemptNo'
  | 'chargeRef'
  | 'providerRef'
  | 'amount'
  | 'currency'
  | 'reasonCode'
  | 'evidenceDueAt'
  | 'takenFrom'
  | 'isLateMoney'
  | 'exchange'
>;

export async function insertDispute(database: Queryable, dispute: NewDispute): Promise<StoredDispute> {
  const { rows } = await database.query<DisputeRow>(
    `insert into disputes (id, payment_id, merchant_id, mode, channel_config_id, channel, attempt_no, provider_ref,
       amount, currency, reason_code, evidence_due_at, taken_from, exchange, late_money, charge_ref, status)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'needs_response') returning *`,
    [
      dispute.id,
      dispute.paymentId,
      dispute.merchantId,
      dispute.mode,
      dispute.channelConfigId,
      dispute.channel,
      dispute.attemptNo,
      dispute.providerRef,
      dispute.amount,
      dispute.currency,
      dispute.reasonCode,
      dispute.evidenceDueAt ?? null,
      dispute.takenFrom ?? null,
      dispute.exchange === undefined ? null : writeShare(dispute.exchange),
      dispute.isLateMoney,
      dispute.chargeRef ?? null,
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('The dispute was not written.');
  return toDispute(row);
}

export interface DisputeChange {
  to?: DisputeStatus;
  fee?: bigint;
  /** The disputed money was late and became the merchant's while the dispute ran: so it is taken from them. */
  takesLateMoney?: boolean;
  /** What of it was paid from suspense by this change. */
  fromSuspense?: bigint;
  /** Known by now, where nobody knew it before: the disputed charge. */
  chargeRef?: string;
  /** The bank has it; confirmed after the end it had it by then. */
  isEvidenceSent?: boolean;
  isReminded?: boolean;
  isOver?: boolean;
  /** When its workflow looks again by itself; null: it does not. */
  wakeAt: Date | null;
}

/** One change of a locked dispute. */
export async function changeDispute(
  database: Queryable,
  disputeId: string,
  change: DisputeChange,
): Promise<StoredDispute> {
  const { rows } = await database.query<DisputeRow>(
    `update disputes set status = coalesce($2, status), version = version + 1, fee = coalesce($3, fee), wake_at = $4,
       evidence_sent_at = case when $5 then coalesce(evidence_sent_at, least(now(), finished_at)) else evidence_sent_at end,
       reminded_at = case when $6 then now() else reminded_at end,
       finished_at = case when $7 then now() else finished_at end, updated_at = now(),
       taken_from = case when $8 then 'pending' else taken_from end, late_money = late_money or $8, from_suspense = from_suspense + $9,
       charge_ref = coalesce(charge_ref, $10)
     where id = $1 returning *`,
    [
      disputeId,
      change.to ?? null,
      change.fee ?? null,
      change.wakeAt,
      change.isEvidenceSent ?? false,
      change.isReminded ?? false,
      change.isOver ?? false,
      change.takesLateMoney ?? false,
      change.fromSuspense ?? 0n,
      change.chargeRef ?? null,
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`There is no dispute ${disputeId}.`);
  return toDispute(row);
}

/** Whether another dispute holds the payment's own money, or has cost it. */
export async function isDisputedOtherwise(
  database: Queryable,
  paymentId: string,
  disputeId: string,
): Promise<boolean> {
  const { rows } = await database.query(
    `select from disputes where payment_id = $1 and id <> $2 and ${takesOwnMoney} limit 1`,
    [paymentId, disputeId],
  );
  return rows.length > 0;
}

/** Those of a charge that run and hold nothing, because its money was nobody's when they were opened. */
export async function runningDisputesOf(
  transaction: Queryable,
  charge: { paymentId: string; channelConfigId: string; providerRef: string; attemptNo: number },
): Promise<StoredDispute[]> {
  const { rows } = await transaction.query<DisputeRow>(
    `select * from disputes where payment_id = $1 and channel_config_id = $2 and finished_at is null
       and taken_from is null and (charge_ref = $3 or (charge_ref is null and attempt_no = $4))
     order by id for update`,
    [charge.paymentId, charge.channelConfigId, charge.providerRef, charge.attemptNo],
  );
  return rows.map(toDispute);
}

/**
 * Those of a charge that were lost and were not paid from suspense, or not wholly, nor by the merchant. One that names no
 * charge may have overtaken this one; if something was paid for it, that was another.
 */
export async function lostDisputesOf(
  transaction: Queryable,
  { channelConfigId, providerRef }: SuspenseKey,
): Promise<StoredDispute[]> {
  const { rows } = await transaction.query<DisputeRow>(
    `select d.* from provider_charges c join disputes d on d.payment_id = c.payment_id
       and d.channel_config_id = c.channel_config_id and (d.charge_ref = c.provider_ref
         or (d.charge_ref is null and d.attempt_no = c.attempt_no and d.from_suspense = 0))
     where c.channel_config_id = $1 and c.provider_ref = $2 and d.status = 'lost' and d.taken_from is null
       and d.from_suspense < d.amount
     order by d.charge_ref nulls last, d.id for update of d`,
    [channelConfigId, providerRef],
  );
  return rows.map(toDispute);
}

/** Disputes whose workflow should have looked long ago. Oldest first, bounded. */
export async function overdueDisputes(
  database: Queryable,
  before: Date,
  limit: number,
): Promise<StoredDispute[]> {
  const { rows } = await database.query<DisputeRow>(
    'select * from disputes where wake_at < $1 order by wake_at limit $2',
    [before, limit],
  );
  return rows.map(toDispute);
}

export function toDispute(row: DisputeRow): StoredDispute {
  return {
    id: row.id,
    paymentId: row.payment_id,
    merchantId: row.merchant_id,
    mode: row.mode,
    channelConfigId: row.channel_config_id,
    channel: row.channel,
    attemptNo: row.attempt_no,
    chargeRef: row.charge_ref ?? undefined,
    providerRef: row.provider_ref,
    amount: row.amount,
    currency: row.currency,
    reasonCode: row.reason_code,
    status: row.status,
    version: row.version,
    takenFrom: row.taken_from ?? undefined,
    isLateMoney: row.late_money,
    exchange: readShare(row.exchange),
    fee: row.fee,
    fromSuspense: row.from_suspense,
    evidenceDueAt: row.evidence_due_at ?? undefined,
    evidenceSentAt: row.evidence_sent_at ?? undefined,
    isReminded: row.reminded_at !== null,
    wakeAt: row.wake_at ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    finishedAt: row.finished_at ?? undefined,
  };
}
