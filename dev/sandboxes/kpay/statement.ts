import { instant, type Order } from './order';

interface Line {
  type: 'payment' | 'refund';
  order_id: string;
  merchant_order_no: string;
  refund_no: string | null;
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
    if (order.paidAt !== null && isOfDay(order.paidAt)) lines.push(paymentLine(order, order.paidAt));
    for (const refund of order.refunds) {
      if (refund.status !== 'succeeded' || !isOfDay(refund.createdAt)) continue;
      lines.push(movement(order, 'refund', refund.refundNo, -refund.amount, 0, refund.createdAt));
    }
  }
  lines.sort((a, b) => (a.occurred_at < b.occurred_at ? -1 : a.occurred_at > b.occurred_at ? 1 : 0));
  const start = Number(cursor);
  const end = start + linesPerPage;
  return { date, lines: lines.slice(start, end), next_cursor: end < lines.length ? String(end) : null };
}

/** 2.2 %, rounded half up, in integers. */
function paymentLine(order: Order, at: number): Line {
  const fee = Math.floor((order.amount * 22 + 500) / 1_000);
  return movement(order, 'payment', null, order.amount, fee, at);
}

function movement(
  order: Order,
  type: Line['type'],
  refundNo: string | null,
  gross: number,
  fee: number,
  at: number,
): Line {
  return {
    type,
    order_id: order.orderId,
    merchant_order_no: order.orderNo,
    refund_no: refundNo,
    currency: order.currency,
    gross,
    fee,
    net: gross - fee,
    occurred_at: instant(at),
  };
}
