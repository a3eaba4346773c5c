import { v7 } from 'uuid';
import { lowestIdAt } from '../ids';
import type { Queryable } from '../pool';
import { storable } from '../storable';

/** A call as it is written; already redacted. */
export interface NewIntegrationCall {
  serviceId: string;
  serviceType: string;
  kind: string;
  operation: string;
  requestedAtMs: number;
  durationMs: number;
  endpoint: string | null;
  requestPayload: string | null;
  responsePayload: string | null;
  statusCode: number | null;
  outcome: string;
  errorMessage: string | null;
  correlationId: string;
}

export type IntegrationCall = Omit<NewIntegrationCall, 'requestedAtMs'> & { id: string; requestedAt: Date };

interface Raw {
  id: string;
  service_id: string;
  service_type: string;
  kind: string;
  operation: string;
  requested_at: Date;
  duration_ms: number;
  endpoint: string | null;
  request_payload: string | null;
  response_payload: string | null;
  status_code: number | null;
  outcome: string;
  error_message: string | null;
  correlation_id: string;
}

/** One statement for a batch, whatever stands in it. */
export async function addIntegrationCalls(
  db: Queryable,
  calls: readonly NewIntegrationCall[],
): Promise<void> {
  const rows = calls.map((call) => ({
    id: v7({ msecs: Math.floor(call.requestedAtMs) }),
    service_id: call.serviceId,
    service_type: call.serviceType,
    kind: call.kind,
    operation: call.operation,
    requested_at: new Date(call.requestedAtMs).toISOString(),
    duration_ms: call.durationMs,
    endpoint: storable(call.endpoint),
    request_payload: storable(call.requestPayload),
    response_payload: storable(call.responsePayload),
    status_code: call.statusCode,
    outcome: call.outcome,
    error_message: storable(call.errorMessage),
    correlation_id: storable(call.correlationId),
  }));
  await db.query({
    name: 'integration_calls.add',
    text: `insert into integration_calls
           select * from json_to_recordset($1::json) as call(id uuid, service_id uuid, service_type text, kind text,
             operation text, requested_at timestamptz, duration_ms int, endpoint text, request_payload text,
             response_payload text, status_code int, outcome text, error_message text, correlation_id text)`,
    values: [JSON.stringify(rows)],
  });
}

export type CallStatus =
  'success' | 'failure' | 'ok' | 'declined' | 'retryable' | 'unknown' | 'misconfigured';

export interface CallFilter {
  limit: number;
  startingAfter?: string;
  serviceId?: string;
  from: Date;
  until?: Date;
  status?: CallStatus;
  correlationId?: string;
}

/** Newest first, without payloads; one row more than the limit tells that there are more. */
export async function listIntegrationCalls(db: Queryable, filter: CallFilter): Promise<IntegrationCall[]> {
  const { rows } = await db.query<Raw>(
    `select id, service_id, service_type, kind, operation, requested_at, duration_ms, endpoint,
       null as request_payload, null as response_payload, status_code, outcome, error_message, correlation_id
     from integration_calls
     where id >= $1 and ($2::uuid is null or id < $2) and ($3::uuid is null or id < $3)
       and ($4::uuid is null or service_id = $4)
       and ($5::text is null or outcome = $5 or ($5 = 'success' and outcome = 'ok') or ($5 = 'failure' and outcome <> 'ok'))
       and ($6::text is null or correlation_id = $6 or correlation_id like $6 || '-%')
     order by id desc limit $7`,
    [
      lowestIdAt(filter.from),
      filter.until ? lowestIdAt(filter.until) : null,
      filter.startingAfter ?? null,
      filter.serviceId ?? null,
      filter.status ?? null,
      filter.correlationId ?? null,
      filter.limit + 1,
    ],
  );
  return rows.map(fromRow);
}

export async function findIntegrationCall(db: Queryable, id: string): Promise<IntegrationCall | undefined> {
  const { rows } = await db.query<Raw>('select * from integration_calls where id = $1', [id]);
  return rows[0] && fromRow(rows[0]);
}

/** Drops whole months that ended more than so many days ago; how many. */
export async function dropOldCallMonths(db: Queryable, keepDays: number): Promise<number> {
  const monthsPerSweepMax = 12;
  for (let dropped = 0; dropped < monthsPerSweepMax; dropped += 1) {
    const { rows } = await db.query<{ month: string | null }>('select drop_oldest_call_month($1) as month', [
      keepDays,
    ]);
    const month = rows[0]?.month ?? null;
    if (month === null || month === 'busy') return dropped;
  }
  return monthsPerSweepMax;
}

function fromRow(row: Raw): IntegrationCall {
  return {
    id: row.id,
    serviceId: row.service_id,
    serviceType: row.service_type,
    kind: row.kind,
    operation: row.operation,
    requestedAt: row.requested_at,
    durationMs: row.duration_ms,
    endpoint: row.endpoint,
    requestPayload: row.request_payload,
    responsePayload: row.response_payload,
    statusCode: row.status_code,
    outcome: row.outcome,
    errorMessage: row.error_message,
    correlationId: row.correlation_id,
  };
}
