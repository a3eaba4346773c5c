import type { ChannelEvent, RefundEvent } from '../../domain/payment/outcome';
import type { AttemptName, Mode } from '../../domain/payment/reference';
import type { PaymentStatus } from '../../domain/payment/status';
import type { Queryable } from '../pool';

export interface Arrival {
  id: string;
  channelConfigId: string;
  providerEventId: string;
  /** Whose charge it says it is about. */
  attempt?: AttemptName;
  /** Which refund it says it is about. */
  refundId?: string;
  event?: ChannelEvent;
  body: Buffer;
}

/** Where the payment that an event is about stands, so that it can be signalled without another read. */
export interface PaymentAddress {
  paymentId: string;
  mode: Mode;
  merchantId: string;
  orderId: string;
  status: PaymentStatus;
}

/**
 * Undefined: this event was here before. It concerns a payment only if that attempt was made at the very account
 * which the event comes from: who holds another account's secret, a test account's say, decides nothing here.
 */
export async function receive(
  database: Queryable,
  arrival: Arrival,
): Promise<{ address?: PaymentAddress } | undefined> {
  const { rows } = await database.query<AddressRow>({
    name: 'inbox-receive',
    text: `
with arrived as (
  insert into webhook_inbox (id, channel_config_id, provider_event_id, payment_id, event, body, status, signalled_at)
  values ($1, $2, $3,
    coalesce(
      (select payment_id from payment_attempts where payment_id = $4::uuid and attempt_no = $7::int and channel_config_id = $2::uuid),
      (select payment_id from refunds where id = $8::uuid and channel_config_id = $2::uuid)),
    $5, $6, case when $5::jsonb is null then 'ignored' else 'received' end, now())
  on conflict (channel_config_id, provider_event_id) do nothing returning payment_id
)
select p.id, p.mode, p.merchant_id, p.order_id, p.status
from arrived a left join payments p on p.id = a.payment_id and p.id = $4::uuid`,
    values: [
      arrival.id,
      arrival.channelConfigId,
      arrival.providerEventId,
      arrival.attempt?.paymentId ?? null,
      arrival.event ? JSON.stringify(arrival.event) : null,
      arrival.body,
      arrival.attempt?.attemptNo ?? null,
      arrival.refundId ?? null,
    ],
  });
  const row = rows[0];
  if (row === undefined) return undefined;
  return { address: toAddress(row) };
}

export interface UnsettledArrival {
  inboxId: string;
  channelConfigId: string;
  event: ChannelEvent;
  address?: PaymentAddress;
}

const unsettledColumns = `i.id as inbox_id, i.channel_config_id, i.event, p.id, p.mode, p.merchant_id, p.order_id, p.status`;

export async function loadArrival(
  database: Queryable,
  inboxId: string,
): Promise<(UnsettledArrival & { isSettled: boolean }) | undefined> {
  const { rows } = await database.query<UnsettledRow & { inbox_status: string }>(
    `select ${unsettledColumns}, i.status as inbox_status
     from webhook_inbox i left join payments p on p.id = i.payment_id where i.id = $1 and i.event is not null`,
    [inboxId],
  );
  const row = rows[0];
  return row && { ...toUnsettled(row), isSettled: row.inbox_status !== 'received' };
}

/** Takes what nobody has applied for a while, and marks it as signalled anew so that sweeps do not meet. */
export async function takeUnsettled(
  database: Queryable,
  before: Date,
  limit: number,
): Promise<UnsettledArrival[]> {
  const { rows } = await database.query<UnsettledRow>(
    `
with taken as (
  select id from webhook_inbox
  where status = 'received' and received_at < $1 and coalesce(signalled_at, '-infinity') < $1
  order by received_at limit $2 for update skip locked
), i as (
  update webhook_inbox set signalled_at = now() where id in (select id from taken)
  returning id, channel_config_id, event, payment_id
)
select ${unsettledColumns} from i left join payments p on p.id = i.payment_id`,
    [before, limit],
  );
  return rows.map(toUnsettled);
}

/** Whose attempt an event speaks of, if that has come to stand here since the event was received. */
export async function findAddress(
  database: Queryable,
  inboxId: string,
  attempt: AttemptName,
): Promise<PaymentAddress | undefined> {
  const { rows } = await database.query<AddressRow>(
    `
with found as (
  update webhook_inbox i set payment_id = a.payment_id from payment_attempts a
  where i.id = $1 and a.payment_id = $2 and a.attempt_no = $3 and a.channel_config_id = i.channel_config_id
  returning i.payment_id
)
select p.id, p.mode, p.merchant_id, p.order_id, p.status from found f join payments p on p.id = f.payment_id`,
    [inboxId, attempt.paymentId, attempt.attemptNo],
  );
  return rows[0] && toAddress(rows[0]);
}

/** Looked at and found to change nothing. */
export async function ignoreArrivals(database: Queryable, inboxIds: readonly string[]): Promise<void> {
  await database.query({
    name: 'inbox-ignore',
    text: `update webhook_inbox set status = 'ignored', settled_at = now() where id = any($1) and status = 'received'`,
    values: [inboxIds],
  });
}

/** Of these, what tells of refunds and is not settled. */
export async function refundNewsAmong(
  database: Queryable,
  inboxIds: readonly string[],
): Promise<{ inboxId: string; event: RefundEvent }[]> {
  const { rows } = await database.query<{ id: string; event: RefundEvent }>({
    name: 'inbox-refund-news',
    text: `select id, event from webhook_inbox
     where id = any($1) and status = 'received' and event ->> 'about' = 'refund' order by id`,
    values: [inboxIds],
  });
  return rows.map(({ id, event }) => ({ inboxId: id, event }));
}

/** It can't be applied, and an operator is told why. False: that was said before. */
export async function setArrivalAside(
  database: Queryable,
  inboxId: string,
  { paymentId, reason }: { paymentId: string; reason: string },
): Promise<boolean> {
  const { rowCount } = await database.query(
    `update webhook_inbox set status = 'set_aside', set_aside_for = $3, settled_at = now(),
       payment_id = coalesce(payment_id, $2) where id = $1 and status = 'received'`,
    [inboxId, paymentId, reason],
  );
  return rowCount === 1;
}

/** What an operator did about an event that was set aside. False: it is not set aside, or not any more. */
export async function resolveArrival(
  database: Queryable,
  inboxId: string,
  { reason, keyId }: { reason: string; keyId: string },
): Promise<boolean> {
  const { rowCount } = await database.query(
    `update webhook_inbox set status = 'resolved', resolved_because = $2, resolved_by = $3, resolved_at = now()
     where id = $1 and status = 'set_aside'`,
    [inboxId, reason, keyId],
  );
  return rowCount === 1;
}

/**
 * What was told of a payment's disputes and did not fit may fit now: the sweep brings it again. Not what an operator
 * resolved: that stands in the books by hand.
 */
export async function bringBackDisputeNews(database: Queryable, paymentId: string): Promise<void> {
  await database.query(
    `update webhook_inbox set status = 'received', set_aside_for = null, settled_at = null
     where payment_id = $1 and status = 'set_aside' and event ->> 'about' = 'dispute'`,
    [paymentId],
  );
}

export async function countSetAside(database: Queryable): Promise<{ channel: string; count: number }[]> {
  const { rows } = await database.query<{ channel: string; count: number }>(
    `select c.channel, count(*)::int as count from webhook_inbox i join channel_configs c on c.id = i.channel_config_id
     where i.status = 'set_aside' group by c.channel order by c.channel`,
  );
  return rows;
}

/** They made a change; belongs into its transaction. */
export async function settleAsApplied(database: Queryable, inboxIds: readonly string[]): Promise<void> {
  if (inboxIds.length === 0) return;
  await database.query(
    `update webhook_inbox set status = 'applied', settled_at = now() where id = any($1) and status = 'received'`,
    [inboxIds],
  );
}

interface AddressRow {
  id: string | null;
  mode: Mode;
  merchant_id: string;
  order_id: string;
  status: PaymentStatus;
}

interface UnsettledRow extends AddressRow {
  inbox_id: string;
  channel_config_id: string;
  event: ChannelEvent;
}

function toAddress(row: AddressRow): PaymentAddress | undefined {
  if (row.id === null) return undefined;
  const { id: paymentId, mode, merchant_id: merchantId, order_id: orderId, status } = row;
  return { paymentId, mode, merchantId, orderId, status };
}

function toUnsettled(row: UnsettledRow): UnsettledArrival {
  return {
    inboxId: row.inbox_id,
    channelConfigId: row.channel_config_id,
    event: row.event,
    address: toAddress(row),
  };
}
