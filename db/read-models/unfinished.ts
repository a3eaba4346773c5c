import type { ExplainedDispute } from '../../domain/payment/explain-dispute';
import type { RefundStatus } from '../../domain/refund/status';
import { listSuspenseOf, type SuspendedMoney } from '../stores/suspense-store';
import type { Queryable } from '../pool';
import { asExplained, runningDisputes } from './dispute-lines';

/** What concerns a payment, has workflows of its own, and has not come to an end; ids are those of the rows. */
export type UnfinishedRow =
  | ({ kind: 'refund' } & UnfinishedRefundRow)
  | { kind: 'callback'; id: string; type: string }
  | ({ kind: 'event' } & UnheardEventRow)
  | { kind: 'suspense'; held: SuspendedMoney }
  | { kind: 'dispute'; channelConfigId: string; providerRef: string; dispute: ExplainedDispute };

interface UnfinishedRefundRow {
  id: string;
  status: RefundStatus;
  channel: string | null;
  /** Why nobody knows. */
  message: string | null;
  /** Another one of this payment that is in doubt, and has to be over first. */
  waitsFor: string | null;
}

interface UnheardEventRow {
  id: string;
  channel: string;
  at: Date;
  says: string;
  channelConfigId: string;
  /** The provider's number of the dispute, if it is about one. */
  disputeRef: string | null;
}

/** More than that of a kind says nothing new. */
const ofAKindMax = 5;

export async function listUnfinished(database: Queryable, paymentId: string): Promise<UnfinishedRow[]> {
  const [refunds, callbacks, events, held, disputes] = await Promise.all([
    database.query<UnfinishedRefundRow>(
      `select r.id, r.status, r.channel, r.error ->> 'message' as message, first.id as "waitsFor"
       from refunds r left join refunds first on first.payment_id = $1 and first.id <> r.id and r.status = 'pending'
         and first.status = 'unknown' and first.error ->> 'code' = 'refund_in_doubt'
       where r.payment_id = $1 and r.finished_at is null order by r.id limit $2`,
      [paymentId, ofAKindMax],
    ),
    database.query<{ id: string; type: string }>(
      `select id, type from outbox where payment_id = $1 and status = 'handed_over' order by id limit $2`,
      [paymentId, ofAKindMax],
    ),
    database.query<UnheardEventRow>(
      `select i.id, c.channel, i.received_at as at, i.channel_config_id as "channelConfigId",
         coalesce(i.event #>> '{status,kind}', 'dispute ' || (i.event #>> '{dispute,state}')) as says,
         i.event #>> '{dispute,providerRef}' as "disputeRef"
       from webhook_inbox i join channel_configs c on c.id = i.channel_config_id
       where i.payment_id = $1 and i.status = 'received' and i.event ->> 'about' in ('charge', 'dispute')
       order by i.received_at limit $2`,
      [paymentId, ofAKindMax],
    ),
    listSuspenseOf(database, paymentId, ofAKindMax),
    runningDisputes(database, paymentId, ofAKindMax),
  ]);
  return [
    ...events.rows.map((row) => ({ kind: 'event' as const, ...row })),
    ...held.map((one) => ({ kind: 'suspense' as const, held: one })),
    // One with news not yet applied is told with them.
    ...disputes
      .filter(({ provider_ref }) => events.rows.every(({ disputeRef }) => disputeRef !== provider_ref))
      .map((row) => ({
        kind: 'dispute' as const,
        channelConfigId: row.channel_config_id,
        providerRef: row.provider_ref,
        dispute: asExplained(row),
      })),
    ...refunds.rows.map((row) => ({ kind: 'refund' as const, ...row })),
    ...callbacks.rows.map((row) => ({ kind: 'callback' as const, ...row })),
  ];
}
