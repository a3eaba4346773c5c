import { publicId } from '../../domain/ids';
import { formatAmount } from '../../domain/money/amount';
import type { Queryable } from '../pool';
import type { TimelineLine } from './payment-timeline';

interface RefundRow {
  id: string;
  amount: bigint;
  currency: string;
  status: string;
  reason: string;
  created_at: Date;
  finished_at: Date | null;
  requested_by: { role?: string };
  error: { code: string; message: string } | null;
}

export async function newestRefunds(
  database: Queryable,
  paymentId: string,
  limit: number,
): Promise<RefundRow[]> {
  const { rows } = await database.query<RefundRow>(
    `select id, amount, currency, status, reason, created_at, finished_at, requested_by, error from refunds
     where payment_id = $1 order by id desc limit $2`,
    [paymentId, limit],
  );
  return rows;
}

export function linesOfRefund(row: RefundRow): TimelineLine[] {
  const asked = {
    at: row.created_at,
    source: 'refund' as const,
    by: row.requested_by.role ?? 'durapay',
    what: `A refund of ${formatAmount(row.amount, row.currency)} ${row.currency} was asked for${row.reason === '' ? '' : ` – ${row.reason}`}.`,
    reference: publicId('refund', row.id),
  };
  if (row.finished_at === null) return [asked];
  const why =
    row.status === 'succeeded' || row.error === null ? '.' : `: ${row.error.code} – ${row.error.message}`;
  return [asked, { ...asked, at: row.finished_at, by: 'durapay', what: `The refund ${row.status}${why}` }];
}

interface RefundNewsRow {
  at: Date;
  refund_id: string;
  channel: string;
  status: 'processing' | 'unknown';
  error: { code: string; message: string } | null;
}

/** What was learnt of refunds before they ended, which is told with the refund itself. */
export async function newestRefundNews(
  database: Queryable,
  paymentId: string,
  limit: number,
): Promise<RefundNewsRow[]> {
  const { rows } = await database.query<RefundNewsRow>(
    `select c.at, c.refund_id, r.channel, c.status, c.error
     from refunds r join refund_changes c on c.refund_id = r.id
     where r.payment_id = $1 and c.status in ('processing', 'unknown') order by c.at desc, c.version desc limit $2`,
    [paymentId, limit],
  );
  return rows;
}

export function linesOfRefundNews({ at, refund_id, channel, status, error }: RefundNewsRow): TimelineLine[] {
  const why = error === null ? '.' : `: ${error.code} – ${error.message}`;
  const what =
    status === 'processing'
      ? `${channel} works on the refund.`
      : `${channel} did not say whether it took the refund${why}`;
  return [{ at, source: 'refund', by: channel, what, reference: publicId('refund', refund_id) }];
}
