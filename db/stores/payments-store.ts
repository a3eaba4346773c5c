import type { CallbackType } from '../../domain/callback-types';
import type { ChannelFees } from '../../domain/fees/contracts';
import type { ChannelError, MovedMoney, NextAction } from '../../domain/payment/outcome';
import type { PaymentPlan } from '../../domain/payment/plan';
import type { AttemptStatus, Disposition } from '../../domain/payment/react';
import { attemptReference, type Mode } from '../../domain/payment/reference';
import type { PaymentMethod, PaymentRequest } from '../../domain/payment/request';
import type { PaymentState } from '../../domain/payment/state';
import type { PaymentStatus } from '../../domain/payment/status';
import type { Queryable } from '../pool';
import type { JournalPart } from './ledger-store';
import { fenceAtBirth } from './outbox-store';
import { takesOwnMoney } from './taken-back';

export interface StoredAttempt {
  attemptNo: number;
  reference: string;
  channel: string;
  channelConfigId: string;
  status: AttemptStatus;
  providerRef?: string;
  nextAction?: NextAction;
  sentAt: Date;
  /** Where it goes another way than the payment began. */
  method?: PaymentMethod;
}

export interface StoredPayment {
  request: PaymentRequest;
  state: PaymentState;
  plan: PaymentPlan;
  attempt: StoredAttempt;
  /** When its workflow will look again by itself; a finished payment has no such moment. */
  wakeAt?: Date;
  captured: bigint;
}

export interface Opening {
  request: PaymentRequest;
  plan: PaymentPlan;
  channel: string;
  channelConfigId: string;
  eventId: string;
  sentAt: Date;
  wakeAt: Date;
  status: 'pending' | 'review';
  attemptStatus: 'sending' | 'planned';
  /** Sealed. */
  customer?: Buffer;
  /** What the merchant is told of it, beside the answer. */
  callback?: { endpointId: string; type: CallbackType; body: string };
}

const openStatement = `
with key as (
  insert into payment_keys (mode, merchant_id, order_id, payment_id, request_hash, created_at)
  values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning payment_id
), payment as (
  insert into payments (id, merchant_id, mode, order_id, amount, currency, status, description, return_url,
    callback_endpoint_id, metadata, decision, attempt_no, expires_at, wake_at, created_at, updated_at,
    method, capture, customer, client_ip, device_fingerprint)
  select payment_id, $2, $1, $3, $7, $8, $21, $9, $10, $11, $12, $13, 1, $14, $15, $6, $6, $23, $24, $25, $26, $27 from key
), attempt as (
  insert into payment_attempts (payment_id, attempt_no, reference, channel, channel_config_id, status, sent_at)
  select payment_id, 1, $16, $17, $18, $22, $19 from key
), event as (
  insert into payment_events (payment_id, version, event_id, type, from_status, to_status, cause, at)
  select payment_id, 1, $20, 'payment.created', null, $21, '{"by":"merchant"}', $6 from key
)`;
const toldPart = `, callback as (
  insert into outbox (id, merchant_id, payment_id, endpoint_id, sequence, type, body)
  select $20, $2, payment_id, $28, 1, $29, $30 from key
)`;

/** Transaction A. False if the orderId is taken: by this very payment (a repeated run) or by another one. */
export async function openPayment(database: Queryable, opening: Opening): Promise<boolean> {
  const { request, plan, callback } = opening;
  const { rowCount } = await database.query({
    name: callback === undefined ? 'payment-open' : 'payment-open-told',
    text: `${openStatement}${callback === undefined ? '' : toldPart} select payment_id from key`,
    values: [
      request.mode,
      request.merchantId,
      request.orderId,
      request.paymentId,
      Buffer.from(request.requestHash, 'hex'),
      request.createdAt,
      request.amountMinor,
      request.currency,
      request.description,
      request.returnUrl ?? null,
      plan.callbackEndpointId ?? null,
      JSON.stringify(request.metadata),
      JSON.stringify({
        ...plan,
        provider: request.provider,
        country: request.country,
        savedMethod: request.savedMethod,
        saveMethodFor: request.saveMethodFor,
      }),
      request.expiresAt,
      opening.wakeAt,
      attemptReference(request.paymentId, 1),
      opening.channel,
      opening.channelConfigId,
      opening.sentAt,
      opening.eventId,
      opening.status,
      opening.attemptStatus,
      request.method ?? null,
      request.capture ?? 'automatic',
      opening.customer ?? null,
      request.clientIp ?? null,
      request.deviceFingerprint ?? null,
      ...(callback === undefined ? [] : [callback.endpointId, callback.type, callback.body]),
    ],
  });
  return rowCount === 1;
}

/** Where a payment's personal data stands: sealed for one row, it can't be opened in another. */
export function customerPlace(paymentId: string): string {
  return `payments.customer/${paymentId}`;
}

export interface PaymentRow {
  id: string;
  merchant_id: string;
  mode: Mode;
  order_id: string;
  amount: bigint;
  currency: string;
  status: PaymentStatus;
  version: number;
  description: string;
  return_url: string | null;
  metadata: Record<string, string>;
  decision: PaymentPlan & Pick<PaymentRequest, 'provider' | 'country' | 'savedMethod' | 'saveMethodFor'>;
  attempt_no: number;
  last_error: ChannelError | null;
  expires_at: Date;
  wake_at: Date | null;
  method: PaymentMethod | null;
  capture: 'automatic' | 'manual';
  captured: bigint;
  refunded: bigint;
  is_part_disputed: boolean;
  created_at: Date;
  updated_at: Date;
  request_hash: Buffer;
  reference: string;
  channel: string;
  channel_config_id: string;
  attempt_status: AttemptStatus;
  provider_ref: string | null;
  next_action: NextAction | null;
  sent_at: Date;
  attempt_method: PaymentMethod | null;
}

export const paymentColumns = `p.id, p.merchant_id, p.mode, p.order_id, p.amount, p.currency, p.status, p.version, p.description,
  p.return_url, p.metadata, p.decision, p.attempt_no, p.last_error, p.expires_at, p.created_at, p.updated_at,
  p.wake_at, p.method, p.capture, p.captured, p.refunded,
  case when p.status = 'authorized' and p.captured > 0 then exists (
    select from disputes where payment_id = p.id and ${takesOwnMoney}) else false end as is_part_disputed,
  k.request_hash, a.reference, a.channel, a.channel_config_id, a.status as attempt_status, a.provider_ref,
  a.next_action, a.sent_at, a.method as attempt_method`;
const joins = `join payments p on p.id = k.payment_id
  join payment_attempts a on a.payment_id = k.payment_id and a.attempt_no = p.attempt_no`;

export async function loadPaymentById(
  database: Queryable,
  paymentId: string,
): Promise<StoredPayment | undefined> {
  const { rows } = await database.query<PaymentRow>({
    name: 'payment-by-id',
    text: `select ${paymentColumns} from payment_keys k ${joins} where k.payment_id = $1 and p.id = $1 and a.payment_id = $1`,
    values: [paymentId],
  });
  return rows[0] && toPayment(rows[0]);
}

/** Scope is an argument: a merchant's order is found in its own mode and nowhere else. */
export async function loadPaymentByOrder(
  database: Queryable,
  scope: { mode: Mode; merchantId: string },
  orderId: string,
): Promise<StoredPayment | undefined> {
  const { rows } = await database.query<PaymentRow>({
    name: 'payment-by-order',
    text: `select ${paymentColumns} from payment_keys k ${joins} where k.mode = $1 and k.merchant_id = $2 and k.order_id = $3`,
    values: [scope.mode, scope.merchantId, orderId],
  });
  return rows[0] && toPayment(rows[0]);
}

export function toPayment(row: PaymentRow): StoredPayment {
  const { provider, country, savedMethod, saveMethodFor, ...plan } = row.decision;
  return {
    request: {
      paymentId: row.id,
      merchantId: row.merchant_id,
      mode: row.mode,
      orderId: row.order_id,
      amountMinor: row.amount.toString(),
      currency: row.currency,
      description: row.description,
      returnUrl: row.return_url ?? undefined,
      metadata: row.metadata,
      provider,
      country,
      method: row.method ?? undefined,
      capture: row.capture,
      settleCurrency: plan.conversion?.settleCurrency,
      conversion: plan.conversion,
      savedMethod,
      saveMethodFor,
      createdAt: row.created_at.toISOString(),
      expiresAt: row.expires_at.toISOString(),
      requestHash: row.request_hash.toString('hex'),
    },
    state: {
      status: row.status,
      version: row.version,
      attemptNo: row.attempt_no,
      nextAction: row.attempt_status === 'action_required' ? (row.next_action ?? undefined) : undefined,
      lastError: row.last_error ?? undefined,
      capturedMinor: row.captured.toString(),
      refundedMinor: row.refunded.toString(),
      isPartDisputed: row.is_part_disputed ? true : undefined,
      updatedAt: row.updated_at.toISOString(),
    },
    plan,
    attempt: {
      attemptNo: row.attempt_no,
      reference: row.reference,
      channel: row.channel,
      channelConfigId: row.channel_config_id,
      status: row.attempt_status,
      providerRef: row.provider_ref ?? undefined,
      nextAction: row.next_action ?? undefined,
      sentAt: row.sent_at,
      method: row.attempt_method ?? undefined,
    },
    wakeAt: row.wake_at ?? undefined,
    captured: row.captured,
  };
}

export interface PaymentChange {
  paymentId: string;
  /** The version this change is made on; a row that has gone further is left alone. */
  onVersion: number;
  eventId: string;
  type: string;
  from: PaymentStatus;
  to: PaymentStatus;
  /** Who or what caused it; `key` tells a repeated run of this change from another one. */
  cause: { by: string; key: string; [detail: string]: unknown };
  at: string;
  lastError?: ChannelError;
  wakeAt?: Date;
  expiresAt?: string;
  finished: boolean;
  attempt?: {
    attemptNo: number;
    status: AttemptStatus;
    providerRef?: string;
    nextAction?: NextAction;
    error?: ChannelError;
  };
  nextAttempt?: {
    attemptNo: number;
    channel: string;
    channelConfigId: string;
    sentAt: Date;
    method?: PaymentMethod;
    /** Where what was pinned with the payment says nothing of it. */
    fees?: ChannelFees;
  };
  /** A capture that was answered, or one to be begun. */
  capture?: {
    captureNo: number;
    status: 'succeeded' | 'declined' | 'unknown';
    providerRef?: string;
    error?: ChannelError;
  };
  charge?: MovedMoney & { channelConfigId: string; attemptNo: number; disposition: Disposition };
  inboxIds?: string[];
  /** With `leaseMs` it is born under a lease of whoever writes it. */
  callback?: { endpointId: string; merchantId: string; body: string; leaseMs?: number };
}

/**
 * One change of a payment with everything that belongs to it, in one statement and so in one transaction and
 * one round trip. False if the row is no longer at `onVersion`.
 */
export async function changePayment(
  database: Queryable,
  change: PaymentChange,
  journal?: JournalPart,
): Promise<boolean> {
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const id = bind(change.paymentId);
  const at = bind(change.at);
  const to = bind(change.to);
  const parts: string[] = [];

  parts.push(`payment as (
  update payments set status = ${to}, version = version + 1, last_error = ${bind(json(change.lastError))},
    wake_at = ${bind(change.wakeAt ?? null)}, updated_at = ${at}::timestamptz,
    attempt_no = coalesce(${bind(change.nextAttempt?.attemptNo ?? null)}::int, attempt_no),
    finished_at = ${bind(change.finished ? change.at : null)}::timestamptz${taken(change, bind)}${expiring(change, bind)}
  where id = ${id} and version = ${bind(change.onVersion)} returning id, version
)`);
  parts.push(`event as (
  insert into payment_events (payment_id, version, event_id, type, from_status, to_status, cause, at)
  select id, version, ${bind(change.eventId)}::uuid, ${bind(change.type)}, ${bind(change.from)}, ${to}, ${bind(json(change.cause))}::jsonb, ${at}::timestamptz from payment
)`);
  if (change.attempt !== undefined) {
    const moment = change.attempt.status === 'sending' ? 'sent_at' : 'answered_at';
    parts.push(`attempt as (
  update payment_attempts a set status = ${bind(change.attempt.status)},
    provider_ref = coalesce(${bind(change.attempt.providerRef ?? null)}, a.provider_ref),
    next_action = coalesce(${bind(json(change.attempt.nextAction))}::jsonb, a.next_action),
    error = ${bind(json(change.attempt.error))}::jsonb, ${moment} = ${at}::timestamptz
  from payment where a.payment_id = ${id} and a.attempt_no = ${bind(change.attempt.attemptNo)}
)`);
  }
  if (change.nextAttempt !== undefined) {
    const next = change.nextAttempt;
    parts.push(`next_attempt as (
  insert into payment_attempts (payment_id, attempt_no, reference, channel, channel_config_id, status, sent_at, method, fees)
  select id, ${bind(next.attemptNo)}::int, ${bind(attemptReference(change.paymentId, next.attemptNo))},
    ${bind(next.channel)}, ${bind(next.channelConfigId)}::uuid, 'sending', ${bind(next.sentAt)}::timestamptz, ${bind(next.method ?? null)},
    ${bind(json(next.fees))}::jsonb from payment
)`);
  }
  if (change.capture !== undefined) {
    const { captureNo, status, providerRef, error } = change.capture;
    parts.push(`capture as (
  update payment_captures c set status = ${bind(status)}, provider_ref = ${bind(providerRef ?? null)},
    error = ${bind(json(error))}::jsonb, answered_at = ${at}::timestamptz
  from payment where c.payment_id = ${id} and c.capture_no = ${bind(captureNo)}
)`);
  }
  if (change.charge !== undefined) {
    const charge = change.charge;
    parts.push(`charge as (
  insert into provider_charges (channel_config_id, provider_ref, payment_id, attempt_no, capture_no, amount, currency, disposition, reason)
  select ${bind(charge.channelConfigId)}::uuid, ${bind(charge.providerRef)}, id, ${bind(charge.attemptNo)}::int, ${bind(change.capture?.captureNo ?? 0)}::int,
    ${bind(charge.amountMinor)}::numeric, ${bind(charge.currency)}, ${bind(charge.disposition)}, ${bind(charge.disposition === 'suspense' ? 'amount_mismatch' : null)} from payment
)`);
  }
  if (change.inboxIds !== undefined && change.inboxIds.length > 0) {
    parts.push(`inbox as (
  update webhook_inbox i set status = 'applied', settled_at = ${at}::timestamptz
  from payment where i.id = any(${bind(change.inboxIds)}::uuid[]) and i.status = 'received'
)`);
  }
  if (change.callback !== undefined) {
    const { endpointId, merchantId, body, leaseMs } = change.callback;
    parts.push(`callback as (
  insert into outbox (id, merchant_id, payment_id, endpoint_id, sequence, type, body, lease_until, fence)
  select ${bind(change.eventId)}::uuid, ${bind(merchantId)}::uuid, id, ${bind(endpointId)}::uuid, version,
    ${bind(change.type)}, ${bind(body)}, now() + make_interval(secs => ${bind(leaseMs ?? null)}::int / 1000.0),
    ${bind(leaseMs === undefined ? 0 : fenceAtBirth)}::int from payment
)`);
  }

  if (journal !== undefined) parts.push(`journal as (${journal.sql({ from: 'payment', bind })})`);

  const shape = [
    ...parts.map((part) => part.slice(0, part.indexOf(' '))),
    change.attempt?.status === 'sending' ? 'sent' : 'answered',
    change.charge?.disposition ?? 'moneyless',
    ...(change.expiresAt === undefined ? [] : ['expiring']),
  ].join('+');
  const { rowCount } = await database.query({
    name: changeName(shape),
    text: `with ${parts.join(', ')} select version from payment`,
    values,
  });
  return rowCount === 1;
}

/** PostgreSQL cuts names at 63 bytes, and two statements that look alike up to there would be one. */
const changeNames = new Map<string, string>();

function changeName(shape: string): string {
  const known = changeNames.get(shape);
  if (known !== undefined) return known;
  const name = `change-${changeNames.size}`;
  changeNames.set(shape, name);
  return name;
}

/** What a payment became by the changes of this cause. */
export async function becameBy(
  database: Queryable,
  paymentId: string,
  key: string,
): Promise<PaymentStatus[]> {
  const { rows } = await database.query<{ to_status: PaymentStatus }>(
    `select to_status from payment_events where payment_id = $1 and cause ->> 'key' = $2 order by version`,
    [paymentId, key],
  );
  return rows.map(({ to_status }) => to_status);
}

/** Its workflow has looked at it: the sweep need not worry before the next such moment. */
export async function postponeWake(database: Queryable, paymentId: string, wakeAt: Date): Promise<void> {
  await database.query({
    name: 'payment-postpone-wake',
    text: 'update payments set wake_at = $2 where id = $1 and wake_at is not null',
    values: [paymentId, wakeAt],
  });
}

/** Nothing will happen to it by itself any more. */
export async function clearWake(database: Queryable, paymentId: string): Promise<void> {
  await database.query({
    name: 'payment-clear-wake',
    text: 'update payments set wake_at = null where id = $1',
    values: [paymentId],
  });
}

/** Payments that something should have happened to long ago. Oldest first, bounded. */
export async function overduePayments(database: Queryable, before: Date, limit: number): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    'select id from payments where wake_at < $1 order by wake_at limit $2',
    [before, limit],
  );
  return rows.map(({ id }) => id);
}

/** Money that is this payment's; what goes to suspense is not. */
function taken({ charge }: PaymentChange, bind: (value: unknown) => string): string {
  if (charge?.disposition !== 'payment') return '';
  return `, captured = captured + ${bind(charge.amountMinor)}::numeric`;
}

function expiring({ expiresAt }: PaymentChange, bind: (value: unknown) => string): string {
  return expiresAt === undefined ? '' : `, expires_at = ${bind(expiresAt)}::timestamptz`;
}

function json(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
