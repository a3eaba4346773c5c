import type { Queryable } from '../pool';

/** One handing over of a message to a service. */
export interface MessageCall {
  callNo: number;
  serviceId: string;
  serviceName: string;
  /** Undefined: it has not come to an end, as far as the database knows. */
  outcome?: CallResult;
  code?: string;
  beganAt: Date;
  endedAt?: Date;
}

export type CallResult = 'ok' | 'declined' | 'retryable' | 'misconfigured' | 'unknown';

/** Before the call: its number. The database lets only one be open at a time. */
export async function beginCall(
  database: Queryable,
  messageId: string,
  service: { id: string; name: string },
): Promise<number> {
  const { rows } = await database.query<{ call_no: number }>(
    `insert into message_calls (message_id, call_no, service_id, service_name)
     select $1, coalesce(max(call_no), 0) + 1, $2, $3 from message_calls where message_id = $1 returning call_no`,
    [messageId, service.id, service.name],
  );
  return rows[0]?.call_no ?? 0;
}

/** Once: what was written first stays. */
export async function endCall(
  database: Queryable,
  messageId: string,
  callNo: number,
  result: { outcome: CallResult; code?: string },
): Promise<void> {
  await database.query(
    `update message_calls set outcome = $3, code = $4, ended_at = now()
     where message_id = $1 and call_no = $2 and ended_at is null`,
    [messageId, callNo, result.outcome, result.code ?? null],
  );
}

const callsMax = 200;

/** The last ones, in their order. */
export async function listCalls(database: Queryable, messageId: string): Promise<MessageCall[]> {
  const { rows } = await database.query<Row>(
    `select * from (select * from message_calls where message_id = $1 order by call_no desc limit ${callsMax}) last
     order by call_no`,
    [messageId],
  );
  return rows.map(toCall);
}

export async function lastCall(database: Queryable, messageId: string): Promise<MessageCall | undefined> {
  const { rows } = await database.query<Row>(
    'select * from message_calls where message_id = $1 order by call_no desc limit 1',
    [messageId],
  );
  return rows[0] && toCall(rows[0]);
}

interface Row {
  call_no: number;
  service_id: string;
  service_name: string;
  outcome: CallResult | null;
  code: string | null;
  began_at: Date;
  ended_at: Date | null;
}

function toCall(row: Row): MessageCall {
  return {
    callNo: row.call_no,
    serviceId: row.service_id,
    serviceName: row.service_name,
    outcome: row.outcome ?? undefined,
    code: row.code ?? undefined,
    beganAt: row.began_at,
    endedAt: row.ended_at ?? undefined,
  };
}
