import type { Mode } from '../../domain/payment/reference';
import type { PaymentPlan } from '../../domain/payment/plan';
import type { PaymentStatus } from '../../domain/payment/status';
import type { SuspenseKey } from '../../domain/suspense/suspense-id';
import type { Queryable } from '../pool';

export type SuspenseDecision = 'refund' | 'accept';

/** Why money has no place: late or second success, or not the amount that was agreed. */
export type SuspenseReason = 'late' | 'second_success' | 'amount_mismatch';

export interface DecidedBy {
  by: 'rule' | 'operator';
  keyId?: string;
  reason?: string;
}

export interface SuspendedMoney extends SuspenseKey {
  paymentId: string;
  merchantId: string;
  mode: Mode;
  orderId: string;
  paymentStatus: PaymentStatus;
  channel: string;
  attemptNo: number;
  /** What came. */
  charged: bigint;
  /** What of it lost disputes have taken out of suspense. */
  lost: bigint;
  /** The rest: what is decided about. */
  amount: bigint;
  currency: string;
  reason: SuspenseReason;
  decision?: SuspenseDecision;
  decidedBy?: DecidedBy;
  decidedAt?: Date;
  resolvedAt?: Date;
  createdAt: Date;
  /** When it was paid, as it is booked; undefined if it is not. */
  movedAt?: Date;
  /** What the merchant's configuration said when the payment opened; `ask` once that could not be carried out. */
  rule: 'refund' | 'accept' | 'ask';
}

interface Row {
  channel_config_id: string;
  provider_ref: string;
  payment_id: string;
  merchant_id: string;
  mode: Mode;
  order_id: string;
  payment_status: PaymentStatus;
  channel: string;
  attempt_no: number;
  amount: bigint;
  lost: bigint;
  currency: string;
  reason: SuspenseReason | null;
  decision: SuspenseDecision | null;
  decided_by: DecidedBy | null;
  decided_at: Date | null;
  resolved_at: Date | null;
  reopened: boolean;
  created_at: Date;
  moved_at: Date | null;
  rules: PaymentPlan['rules'] | null;
}

const columns = `c.channel_config_id, c.provider_ref, c.payment_id, p.merchant_id, p.mode, p.order_id,
  p.status as payment_status, a.channel, c.attempt_no, c.amount, c.lost, c.currency, c.reason, c.decision, c.decided_by,
  c.decided_at, c.resolved_at, c.reopened, c.created_at, j.effective_at as moved_at, p.decision -> 'rules' as rules`;
const joins = `join payments p on p.id = c.payment_id
  join payment_attempts a on a.payment_id = c.payment_id and a.attempt_no = c.attempt_no
  left join ledger_journals j on j.reference =
    'pay_' || replace(c.payment_id::text, '-', '') || '-' || c.attempt_no || ':' || c.provider_ref`;

export async function findSuspense(
  database: Queryable,
  key: SuspenseKey,
): Promise<SuspendedMoney | undefined> {
  const { rows } = await database.query<Row>(
    `select ${columns} from provider_charges c ${joins}
     where c.channel_config_id = $1 and c.provider_ref = $2 and c.disposition = 'suspense'`,
    [key.channelConfigId, key.providerRef],
  );
  return rows[0] && toSuspense(rows[0]);
}

export interface SuspenseQuery {
  limit: number;
  startingAfter?: SuspenseKey;
  isResolved: boolean;
}

/** Oldest first: what waits longest is looked at first. One more than the limit tells that there are more. */
export async function listSuspense(database: Queryable, query: SuspenseQuery): Promise<SuspendedMoney[]> {
  const { rows } = await database.query<Row>(
    `select ${columns} from provider_charges c ${joins}
     where c.disposition = 'suspense' and (c.resolved_at is not null) = $1
       and ($2::uuid is null or (c.created_at, c.channel_config_id, c.provider_ref) >
         (select created_at, channel_config_id, provider_ref from provider_charges
          where channel_config_id = $2 and provider_ref = $3))
     order by c.created_at, c.channel_config_id, c.provider_ref limit $4`,
    [
      query.isResolved,
      query.startingAfter?.channelConfigId ?? null,
      query.startingAfter?.providerRef ?? null,
      query.limit + 1,
    ],
  );
  return rows.map(toSuspense);
}

/** What of a payment has not come to an end. */
export async function listSuspenseOf(
  database: Queryable,
  paymentId: string,
  limit: number,
): Promise<SuspendedMoney[]> {
  const { rows } = await database.query<Row>(
    `select ${columns} from provider_charges c ${joins}
     where c.payment_id = $1 and c.disposition = 'suspense' and c.resolved_at is null
     order by c.created_at limit $2`,
    [paymentId, limit],
  );
  return rows.map(toSuspense);
}

/** Decided once: false if it was decided or resolved before. */
export async function decideSuspense(
  database: Queryable,
  key: SuspenseKey,
  decision: SuspenseDecision,
  decidedBy: DecidedBy,
): Promise<boolean> {
  const { rowCount } = await database.query(
    `update provider_charges set decision = $3, decided_by = $4, decided_at = now()
     where channel_config_id = $1 and provider_ref = $2 and disposition = 'suspense'
       and decision is null and resolved_at is null`,
    [key.channelConfigId, key.providerRef, decision, JSON.stringify(decidedBy)],
  );
  return rowCount === 1;
}

/** The decision has been carried out. */
export async function resolveSuspense(database: Queryable, key: SuspenseKey): Promise<void> {
  await database.query(
    `update provider_charges set resolved_at = now()
     where channel_config_id = $1 and provider_ref = $2 and disposition = 'suspense'`,
    [key.channelConfigId, key.providerRef],
  );
}

/** It could not be carried out: an operator decides anew. */
export async function reopenSuspense(database: Queryable, key: SuspenseKey): Promise<void> {
  await database.query(
    `update provider_charges set decision = null, decided_by = null, decided_at = null, reopened = true
     where channel_config_id = $1 and provider_ref = $2 and disposition = 'suspense'`,
    [key.channelConfigId, key.providerRef],
  );
}

/** Held for a while without an end: their workflow may be gone. Each in its turn, bounded. */
export async function takeWaitingSuspense(
  database: Queryable,
  before: Date,
  limit: number,
): Promise<SuspenseKey[]> {
  const { rows } = await database.query<{ channel_config_id: string; provider_ref: string }>(
    `
with waiting as (
  select channel_config_id, provider_ref from provider_charges
  where disposition = 'suspense' and resolved_at is null and coalesce(swept_at, created_at) < $1
  order by coalesce(swept_at, created_at) limit $2 for update skip locked
)
update provider_charges c set swept_at = now() from waiting w
where c.channel_config_id = w.channel_config_id and c.provider_ref = w.provider_ref
returning c.channel_config_id, c.provider_ref`,
    [before, limit],
  );
  return rows.map((row) => ({ channelConfigId: row.channel_config_id, providerRef: row.provider_ref }));
}

function toSuspense(row: Row): SuspendedMoney {
  return {
    channelConfigId: row.channel_config_id,
    providerRef: row.provider_ref,
    paymentId: row.payment_id,
    merchantId: row.merchant_id,
    mode: row.mode,
    orderId: row.order_id,
    paymentStatus: row.payment_status,
    channel: row.channel,
    attemptNo: row.attempt_no,
    charged: row.amount,
    lost: row.lost,
    amount: row.amount - row.lost,
    currency: row.currency,
    reason: row.reason ?? 'late',
    decision: row.decision ?? undefined,
    decidedBy: row.decided_by ?? undefined,
    decidedAt: row.decided_at ?? undefined,
    resolvedAt: row.resolved_at ?? undefined,
    createdAt: row.created_at,
    movedAt: row.moved_at ?? undefined,
    rule: row.reopened ? 'ask' : (row.rules?.lateMoney ?? 'ask'),
  };
}
