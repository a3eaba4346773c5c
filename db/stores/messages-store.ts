import type { MessageStatus } from '../../domain/message/status';
import type { Queryable } from '../pool';

export interface StoredMessageError {
  code: string;
  message: string;
  rawCode?: string;
}

export interface StoredMessage {
  id: string;
  kind: 'mail' | 'sms';
  serviceType: string;
  preference: string[];
  recipientMasked: string;
  /** Sealed. */
  content: Buffer;
  onDoubt: 'hold' | 'resend';
  requestedBy: { role: string; keyId: string };
  status: MessageStatus;
  version: number;
  tries: number;
  serviceId?: string;
  serviceName?: string;
  providerRef?: string;
  error?: StoredMessageError;
  wakeAt?: Date;
  createdAt: Date;
  updatedAt: Date;
  giveUpAt: Date;
  sentAt?: Date;
  finishedAt?: Date;
}

/** Where it stands: sealed for one row, it can't be opened in another. */
export function messagePlace(messageId: string): string {
  return `messages.content/${messageId}`;
}

export type NewMessage = Pick<
  StoredMessage,
  | 'id'
  | 'kind'
  | 'serviceType'
  | 'preference'
  | 'recipientMasked'
  | 'content'
  | 'onDoubt'
  | 'requestedBy'
  | 'giveUpAt'
>;

/** A request that is repeated finds its first message. */
export async function insertMessage(database: Queryable, message: NewMessage): Promise<void> {
  await database.query(
    `insert into messages (id, kind, service_type, preference, recipient_masked, content, on_doubt, requested_by,
       give_up_at, wake_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, now()) on conflict (id) do nothing`,
    [
      message.id,
      message.kind,
      message.serviceType,
      message.preference,
      message.recipientMasked,
      message.content,
      message.onDoubt,
      JSON.stringify(message.requestedBy),
      message.giveUpAt,
    ],
  );
}

export async function loadMessage(
  database: Queryable,
  messageId: string,
  how: { lock: boolean } = { lock: false },
): Promise<StoredMessage | undefined> {
  const { rows } = await database.query<Row>(
    `select * from messages where id = $1${how.lock ? ' for update' : ''}`,
    [messageId],
  );
  return rows[0] && toMessage(rows[0]);
}

export interface MessagesQuery {
  limit: number;
  startingAfter?: string;
  status?: MessageStatus;
  kind?: 'mail' | 'sms';
}

/** Newest first. One more than the limit tells that there are more. */
export async function listMessages(database: Queryable, query: MessagesQuery): Promise<StoredMessage[]> {
  const { rows } = await database.query<Row>(
    `select * from messages
     where ($1::uuid is null or id < $1) and ($2::text is null or status = $2) and ($3::text is null or kind = $3)
     order by id desc limit $4`,
    [query.startingAfter ?? null, query.status ?? null, query.kind ?? null, query.limit + 1],
  );
  return rows.map(toMessage);
}

export interface MessageChange {
  to: MessageStatus;
  tries?: number;
  service?: { id: string; name: string };
  providerRef?: string;
  /** Undefined: none, whatever stood there. */
  error?: StoredMessageError;
  /** Undefined: there is nothing to do. */
  wakeAt?: Date;
  giveUpAt?: Date;
}

/** In the transaction that holds its lock. */
export async function changeMessage(
  database: Queryable,
  messageId: string,
  change: MessageChange,
): Promise<void> {
  await database.query(
    `update messages set status = $2, version = version + 1, tries = coalesce($3, tries),
       service_id = coalesce($4, service_id), service_name = coalesce($5, service_name),
       provider_ref = coalesce($6, provider_ref), error = $7, wake_at = $8, give_up_at = coalesce($9, give_up_at),
       updated_at = now(),
       sent_at = case when $2 in ('sent', 'delivered', 'undelivered') then coalesce(sent_at, now()) end,
       finished_at = case when $2 in ('delivered', 'undelivered', 'refused', 'abandoned') then now() end
     where id = $1`,
    [
      messageId,
      change.to,
      change.tries ?? null,
      change.service?.id ?? null,
      change.service?.name ?? null,
      change.providerRef ?? null,
      change.error === undefined ? null : JSON.stringify(change.error),
      change.wakeAt ?? null,
      change.giveUpAt ?? null,
    ],
  );
}

/** Before the first call of a try, in the transaction that holds its lock: how it ends may be told by others. */
export async function countTry(database: Queryable, messageId: string, tries: number): Promise<void> {
  await database.query('update messages set tries = $2 where id = $1', [messageId, tries]);
}

/** Its workflow looks again by itself then: the sweep need not worry before. Undefined: nobody need. */
export async function postponeMessage(
  database: Queryable,
  messageId: string,
  wakeAt: Date | undefined,
): Promise<void> {
  await database.query('update messages set wake_at = $2 where id = $1 and finished_at is null', [
    messageId,
    wakeAt ?? null,
  ]);
}

/** Messages whose workflow should have acted long ago. Oldest first, bounded. */
export async function overdueMessages(database: Queryable, before: Date, limit: number): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    'select id from messages where wake_at < $1 order by wake_at limit $2',
    [before, limit],
  );
  return rows.map(({ id }) => id);
}

interface Row {
  id: string;
  kind: 'mail' | 'sms';
  service_type: string;
  preference: string[];
  recipient_masked: string;
  content: Buffer;
  on_doubt: 'hold' | 'resend';
  requested_by: { role: string; keyId: string };
  status: MessageStatus;
  version: number;
  tries: number;
  service_id: string | null;
  service_name: string | null;
  provider_ref: string | null;
  error: StoredMessageError | null;
  wake_at: Date | null;
  created_at: Date;
  updated_at: Date;
  give_up_at: Date;
  sent_at: Date | null;
  finished_at: Date | null;
}

function toMessage(row: Row): StoredMessage {
  return {
    id: row.id,
    kind: row.kind,
    serviceType: row.service_type,
    preference: row.preference,
    recipientMasked: row.recipient_masked,
    content: row.content,
    onDoubt: row.on_doubt,
    requestedBy: row.requested_by,
    status: row.status,
    version: row.version,
    tries: row.tries,
    serviceId: row.service_id ?? undefined,
    serviceName: row.service_name ?? undefined,
    providerRef: row.provider_ref ?? undefined,
    error: row.error ?? undefined,
    wakeAt: row.wake_at ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    giveUpAt: row.give_up_at,
    sentAt: row.sent_at ?? undefined,
    finishedAt: row.finished_at ?? undefined,
  };
}
