import type { Queryable } from '../pool';
import type { CallbackTry } from './outbox-store';

/** A callback as its workflow sees it, after the relay has let go of it. */
export interface StoredCallback {
  id: string;
  endpointId: string;
  type: string;
  body: string;
  status: 'pending' | 'delivered' | 'handed_over' | 'abandoned';
}

export async function loadCallback(
  database: Queryable,
  eventId: string,
): Promise<StoredCallback | undefined> {
  const { rows } = await database.query<{
    id: string;
    endpoint_id: string;
    type: string;
    body: string;
    status: StoredCallback['status'];
  }>({
    name: 'callback-load',
    text: 'select id, endpoint_id, type, body, status from outbox where id = $1',
    values: [eventId],
  });
  const [row] = rows;
  return (
    row && { id: row.id, endpointId: row.endpoint_id, type: row.type, body: row.body, status: row.status }
  );
}

const recordStatement = `
with delivered as (
  update outbox set status = 'delivered', settled_at = now(), lease_until = null
  where id = $1 and $6 and status <> 'delivered'
)
insert into callback_tries (event_id, try_no, at, duration_ms, status_code, answer)
select $1, 1 + coalesce(max(try_no), 0), $2, $3, $4, $5 from callback_tries where event_id = $1
on conflict do nothing
returning try_no`;

/** Two tries of one event at the same moment want the same number: so many rounds and one of them must get its own. */
const numberingRoundsMax = 20;

/** Writes one try down, and that it delivered, if it did. Answers its number. */
export async function recordCallbackTry(
  database: Queryable,
  eventId: string,
  tried: CallbackTry,
  wasDelivered: boolean,
): Promise<number> {
  for (let round = 0; round < numberingRoundsMax; round++) {
    const { rows } = await database.query<{ try_no: number }>({
      name: 'callback-record-try',
      text: recordStatement,
      values: [eventId, tried.at, tried.durationMs, tried.statusCode, tried.answer, wasDelivered],
    });
    if (rows[0] !== undefined) return rows[0].try_no;
  }
  throw new Error(`No try number was to be had for callback ${eventId}.`);
}

/** Its time is over. One that was delivered at any time stays delivered. */
export async function abandonCallback(database: Queryable, eventId: string): Promise<void> {
  await database.query({
    name: 'callback-abandon',
    text: `update outbox set status = 'abandoned', settled_at = now(), lease_until = null
      where id = $1 and status in ('pending', 'handed_over')`,
    values: [eventId],
  });
}

/**
 * Callbacks whose workflow might be gone, the oldest first, each in its turn: like their tries, the looks at one become
 * rarer as it grows old. Of a row that is handed over `lease_until` is the moment of the next look.
 */
export async function takeHandedOver(
  database: Queryable,
  looks: { firstMs: number; msMax: number; limit: number },
): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>({
    name: 'callback-take-handed-over',
    text: `
with waiting as (
  select id from outbox where status = 'handed_over'
    and coalesce(lease_until, created_at + make_interval(secs => $1 / 1000.0)) < now()
  order by id limit $3 for update skip locked
)
update outbox o set lease_until = now()
  + least(make_interval(secs => $2 / 1000.0), greatest(make_interval(secs => $1 / 1000.0), (now() - o.created_at) / 2))
from waiting w where o.id = w.id and o.status = 'handed_over'
returning o.id`,
    values: [looks.firstMs, looks.msMax, looks.limit],
  });
  return rows.map(({ id }) => id);
}
