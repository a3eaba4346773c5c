import { instant, type Order } from './order';

interface Line {
  type: 'payment' | 'refund' | 'dispute' | 'dispute_won';
  order_id: string;
  merchant_order_no: string;
  refund_no: string | null;
  capture_no: string | null;
  dispute_id: string | null;
  currency: string;
  gross: number;
  fee: number;
  net: number;
  occurred_at: string;
}

const linesPerPage = 1_000;
const taipeiOffsetMs = 8 * 3_600_000;

/** The Taipei day of a moment. */
export function statementDate(ms: number): string {
  return instant(ms + taipeiOffsetMs).slice(0, 10);
}

/** One page of a day's movements, or undefined if the date or the cursor is none. */
export function statementPage(orders: Iterable<Order>, date: string, cursor: string) {
  const from = Date.parse(`${date}T00:00:00.000+08:00`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(from) || !/^\d{1,9}$/.test(cursor)) return undefined;
  const isOfDay = (ms: number) => ms >= from && ms < from + 86_400_000;
  const lines: Line[] = [];
  for (const order of orders) {
    for (const line of movements(order)) if (isOfDay(Date.parse(line.occurred_at))) lines.push(line);
  }
  lines.sort((a, b) => (a.occurred_at < b.occurred_at ? -1 : a.occurred_at > b.occurred_at ? 1 : 0));
  const start = Number(cursor);
  const end = start + linesPerPage;
  return { date, lines: lines.slice(start, end), next_cursor: end < lines.length ? String(end) : null };
}

function movements(order: Order): Line[] {
  const lines: Line[] = order.captures.map((capture) =>
    line(order, 'payment', capture.amount, capture.createdAt, { capture_no: capture.captureNo }),
  );
  if (order.capture === 'automatic' && order.paidAt !== null) {
    lines.push(line(order, 'payment', order.amount, order.paidAt));
  }
  for (const { status, amount, createdAt, refundNo } of order.refunds) {
    if (status === 'succeeded')
      lines.push(line(order, 'refund', -amount, createdAt, { refund_no: refundNo }));
  }
  for (const { amount, openedAt, endedAt, status, disputeId } of order.disputes) {
    lines.push(line(order, 'dispute', -amount, openedAt, { dispute_id: disputeId }));
    if (status === 'won' && endedAt !== null) {
      lines.push(line(order, 'dispute_won', amount, endedAt, { dispute_id: disputeId }));
    }
  }
  return lines;
}

function line(
  order: Order,
  type: Line['type'],
  gross: number,
  at: number,
  names: Partial<Pick<Line, 'capture_no' | 'refund_no' | 'dispute_id'>> = {},
): Line {
  // 2.2 %, rounded half up, in integers.
  const fee = type === 'payment' ? Math.floor((gross * 22 + 500) / 1_000) : 0;
  return {
    type,
    order_id: order.orderId,
    merchant_order_no: order.orderNo,
    capture_no: null,
    refund_no: null,
    dispute_id: null,
    ...names,
    currency: order.currency,
    gross,
    fee,
    net: gross - fee,
    occurred_at: instant(at),
  };
}
