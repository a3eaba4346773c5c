import type { MessageNews } from '../../domain/message/status';
import type { Queryable } from '../pool';
import type { StoredMessageError } from './messages-store';

export interface NewMessageEvent {
  serviceId: string;
  providerEventId: string;
  messageId: string;
  says: MessageNews;
  error?: StoredMessageError;
  occurredAt: Date;
}

/** False: this event was here before. */
export async function insertMessageEvent(database: Queryable, event: NewMessageEvent): Promise<boolean> {
  const { rowCount } = await database.query(
    `insert into message_events (service_id, provider_event_id, message_id, says, error, occurred_at)
     values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    [
      event.serviceId,
      event.providerEventId,
      event.messageId,
      event.says,
      event.error === undefined ? null : JSON.stringify(event.error),
      event.occurredAt,
    ],
  );
  return rowCount === 1;
}

/**
 * The message that news of a service are about: one that this very service was handed. Who holds another account's
 * secret decides nothing here.
 */
export async function messageOfNews(
  database: Queryable,
  serviceId: string,
  named: { messageId?: string; providerRef: string },
): Promise<string | undefined> {
  const { rows } = await database.query<{ id: string }>(
    `select m.id from messages m
     where m.id = $2 and exists (select from message_calls c where c.message_id = m.id and c.service_id = $1)
     union all
     select m.id from messages m where m.service_id = $1 and m.provider_ref = $3
     limit 1`,
    [serviceId, named.messageId ?? null, named.providerRef],
  );
  return rows[0]?.id;
}
