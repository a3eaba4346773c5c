import type { Queryable } from '../pool';
import type { Scope } from '../scope';
import type { CallbackTry } from '../stores/outbox-store';

export const callbackStatuses = ['pending', 'delivered', 'handed_over', 'abandoned'] as const;

/** A callback with each of its tries, as its merchant and operators see it. */
export interface ListedCallback {
  id: string;
  paymentId: string;
  endpointId: string;
  type: string;
  sequence: number;
  status: (typeof callbackStatuses)[number];
  createdAt: Date;
  settledAt: Date | null;
  tries: (CallbackTry & { no: number })[];
}

export interface CallbackFilter {
  limit: number;
  /** The last one of the page before. */
  before?: string;
  paymentId?: string;
  /** One callback alone; empty when it is another tenant's, so this also guards a resend. */
  eventId?: string;
  status?: ListedCallback['status'];
}

interface Row {
  id: string;
  payment_id: string;
  endpoint_id: string;
  type: string;
  sequence: number;
  status: ListedCallback['status'];
  created_at: Date;
  settled_at: Date | null;
  tries: { no: number; at: string; durationMs: number; statusCode: number | null; answer: string }[];
}

const statement = `
select o.id, o.payment_id, o.endpoint_id, o.type, o.sequence, o.status, o.created_at, o.settled_at,
  coalesce((select jsonb_agg(jsonb_build_object('no', t.try_no, 'at', t.at, 'durationMs', t.duration_ms,
      'statusCode', t.status_code, 'answer', t.answer) order by t.try_no)
    from callback_tries t where t.event_id = o.id), '[]') as tries
from outbox o join webhook_endpoints e on e.id = o.endpoint_id
where ($1::uuid is null or o.merchant_id = $1) and ($2::text is null or e.mode = $2)
  and ($3::uuid is null or o.id < $3) and ($4::uuid is null or o.payment_id = $4)
  and ($5::uuid is null or o.id = $5) and ($6::text is null or o.status = $6)
order by o.id desc limit $7`;

/** The newest first. */
export async function listCallbacks(
  database: Queryable,
  scope: Scope,
  filter: CallbackFilter,
): Promise<ListedCallback[]> {
  const tenant = scope.role === 'merchant' ? scope : undefined;
  const { before = null, paymentId = null, eventId = null, status = null, limit } = filter;
  // Without a name: each set of filters gets a plan for its own values.
  const { rows } = await database.query<Row>(statement, [
    tenant?.merchantId ?? null,
    tenant?.mode ?? null,
    before,
    paymentId,
    eventId,
    status,
    limit,
  ]);
  return rows.map((row) => ({
    id: row.id,
    paymentId: row.payment_id,
    endpointId: row.endpoint_id,
    type: row.type,
    sequence: row.sequence,
    status: row.status,
    createdAt: row.created_at,
    settledAt: row.settled_at,
    tries: row.tries.map((one) => ({ ...one, at: new Date(one.at) })),
  }));
}
