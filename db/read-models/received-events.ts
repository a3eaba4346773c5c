import type { ChannelEvent } from '../../domain/payment/outcome';
import type { Mode } from '../../domain/payment/reference';
import { lowestIdAt } from '../ids';
import type { Queryable } from '../pool';
import type { Scope } from '../scope';

export const receivedStatuses = ['received', 'applied', 'ignored', 'set_aside', 'resolved'] as const;
export type ReceivedStatus = (typeof receivedStatuses)[number];

/** What a channel told us, without what it was said with: bodies and next actions may hold secrets. */
export interface ReceivedEvent {
  id: string;
  channel: string;
  channelConfigId: string;
  mode: Mode;
  providerEventId: string;
  paymentId: string | null;
  about: ChannelEvent['about'] | null;
  says: string | null;
  reference: string | null;
  occurredAt: string | null;
  status: ReceivedStatus;
  /** Of one that was set aside: why. */
  reason: string | null;
  receivedAt: Date;
  settledAt: Date | null;
  /** What an operator did about it. */
  resolution: { reason: string; keyId: string; at: Date } | null;
}

export interface ReceivedEventsQuery {
  limit: number;
  /** The last one of the page before. */
  startingAfter?: string;
  from: Date;
  to?: Date;
  channel?: string;
  channelConfigId?: string;
  status?: ReceivedStatus;
  paymentId?: string;
}

interface Row {
  id: string;
  channel: string;
  channel_config_id: string;
  mode: Mode;
  provider_event_id: string;
  payment_id: string | null;
  about: ChannelEvent['about'] | null;
  says: string | null;
  reference: string | null;
  occurred_at: string | null;
  status: ReceivedStatus;
  set_aside_for: string | null;
  received_at: Date;
  settled_at: Date | null;
  resolved_because: string | null;
  resolved_by: string | null;
  resolved_at: Date | null;
}

const selected = `
select i.id, c.channel, i.channel_config_id, c.mode, i.provider_event_id, i.payment_id, i.status, i.received_at,
  i.settled_at, i.set_aside_for, i.event ->> 'about' as about, i.event ->> 'reference' as reference,
  i.event ->> 'occurredAt' as occurred_at, i.resolved_because, i.resolved_by, i.resolved_at,
  coalesce(i.event -> 'status' ->> 'kind', i.event -> 'dispute' ->> 'state') as says
from webhook_inbox i join channel_configs c on c.id = i.channel_config_id`;

const statement = `${selected}
where i.id >= $1 and ($2::uuid is null or i.id < $2) and ($3::uuid is null or i.id < $3)
  and ($4::text is null or c.channel = $4) and ($5::uuid is null or i.channel_config_id = $5)
  and ($6::text is null or i.status = $6) and ($7::uuid is null or i.payment_id = $7)
  and ($8::uuid is null or exists (
    select from payments p where p.id = i.payment_id and p.merchant_id = $8 and p.mode = $9::text))
order by i.id desc limit $10`;

/** The newest first; one more than the limit tells that there are more. A merchant sees those of its own payments. */
export async function listReceivedEvents(
  database: Queryable,
  scope: Scope,
  query: ReceivedEventsQuery,
): Promise<ReceivedEvent[]> {
  const tenant = scope.role === 'merchant' ? scope : undefined;
  // Without a name: each set of filters gets a plan for its own values.
  const { rows } = await database.query<Row>(statement, [
    lowestIdAt(query.from),
    query.to === undefined ? null : lowestIdAt(query.to),
    query.startingAfter ?? null,
    query.channel ?? null,
    query.channelConfigId ?? null,
    query.status ?? null,
    query.paymentId ?? null,
    tenant?.merchantId ?? null,
    tenant?.mode ?? null,
    query.limit + 1,
  ]);
  return rows.map(toReceived);
}

export async function findReceivedEvent(database: Queryable, id: string): Promise<ReceivedEvent | undefined> {
  const { rows } = await database.query<Row>(`${selected} where i.id = $1`, [id]);
  return rows[0] && toReceived(rows[0]);
}

function toReceived(row: Row): ReceivedEvent {
  const { resolved_because: reason, resolved_by: keyId, resolved_at: at } = row;
  return {
    id: row.id,
    channel: row.channel,
    channelConfigId: row.channel_config_id,
    mode: row.mode,
    providerEventId: row.provider_event_id,
    paymentId: row.payment_id,
    about: row.about,
    says: row.says,
    reference: row.reference,
    occurredAt: row.occurred_at,
    status: row.status,
    reason: row.set_aside_for,
    receivedAt: row.received_at,
    settledAt: row.settled_at,
    resolution: reason === null || keyId === null || at === null ? null : { reason, keyId, at },
  };
}
