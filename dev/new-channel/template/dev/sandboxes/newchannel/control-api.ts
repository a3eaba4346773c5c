import type { IncomingMessage } from 'node:http';
import { answerFaults } from '../../../../../sandboxes/parts/fault-controls';
import type { Faults } from '../../../../../sandboxes/parts/faults';
import { json, type Answer } from '../../../../../sandboxes/parts/http-answers';
import type { Book } from './book';
import { refunded, type Order } from './order';

/** One order as tests compare it with what the platform believes; amounts in the currency's smallest unit. */
export interface BookEntry {
  reference: string;
  order_id: string;
  status: Order['status'];
  amount: number;
  currency: string;
  charges: number;
  creates: number;
  refunded_amount: number;
  refunds: { refund_no: string; amount: number; status: string; asked: number; effects: number }[];
}

export function bookEntry(order: Order): BookEntry {
  return {
    reference: order.orderNo,
    order_id: order.orderId,
    status: order.status,
    amount: order.amount,
    currency: order.currency,
    charges: order.charges,
    creates: order.creates,
    refunded_amount: refunded(order),
    refunds: order.refunds.map(({ refundNo, amount, status, asked, effects }) => ({
      refund_no: refundNo,
      amount,
      status,
      asked,
      effects,
    })),
  };
}

const entriesMax = 10_000;

/** What no provider has: its book laid open, and its bad days by order. */
export async function answerControl(
  { book, faults }: { book: Book; faults: Faults },
  request: IncomingMessage,
  url: URL,
): Promise<Answer | undefined> {
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /healthz':
      return json(200, { status: 'ok' });
    case 'GET /sandbox/book': {
      const reference = url.searchParams.get('reference');
      const found = reference === null ? [...book.orders()] : [book.find(reference)];
      const orders = found.flatMap((order) => (order === undefined ? [] : [bookEntry(order)]));
      return json(200, { orders: orders.slice(0, entriesMax) });
    }
    default:
      return answerFaults(faults, request, url);
  }
}
