import type { RefundStatus } from '../../domain/refund/status';
import type { Queryable } from '../pool';

/** What concerns a payment, has workflows of its own, and has not come to an end; ids are those of the rows. */
export type UnfinishedRow =
  | ({ kind: 'refund' } & UnfinishedRefundRow)
  | { kind: 'callback'; id: string; type: string }
  | { kind: 'event'; id: string; channel: string; at: Date; says: string };

interface UnfinishedRefundRow {
  id: string;
  status: RefundStatus;
  channel: string | null;
}

/** More than that of a kind says nothing new. */
const ofAKindMax = 5;

export async function listUnfinished(database: Queryable, paymentId: string): Promise<UnfinishedRow[]> {
  const [refunds, callbacks, events] = await Promise.all([
    database.query<UnfinishedRefundRow>(
      'select id, status, channel from refunds where payment_id = $1 and finished_at is null order by id limit $2',
      [paymentId, ofAKindMax],
    ),
    database.query<{ id: string; type: string }>(
      `select id, type from outbox where payment_id = $1 and status = 'handed_over' order by id limit $2`,
      [paymentId, ofAKindMax],
    ),
    database.query<{ id: string; channel: string; at: Date; says: string }>(
      `select i.id, c.channel, i.received_at as at, i.event #>> '{status,kind}' as says
       from webhook_inbox i join channel_configs c on c.id = i.channel_config_id
       where i.payment_id = $1 and i.status = 'received' and i.event ->> 'about' = 'charge'
       order by i.received_at limit $2`,
      [paymentId, ofAKindMax],
    ),
  ]);
  return [
    ...events.rows.map((row) => ({ kind: 'event' as const, ...row })),
    ...refunds.rows.map((row) => ({ kind: 'refund' as const, ...row })),
    ...callbacks.rows.map((row) => ({ kind: 'callback' as const, ...row })),
  ];
}
