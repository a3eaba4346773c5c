import type { IncomingMessage } from 'node:http';
import type { Book } from './book';
import type { Cashier } from './cashier';
import type { Faults } from '../parts/faults';
import { answerFaults } from '../parts/fault-controls';
import { json, refusal, type Answer } from '../parts/http-answers';
import { answerDisputes } from './dispute-controls';
import { charged, instant, refunded, type Order } from './order';
import { statementDate, statementPage } from './statement';
import type { WebhookSender } from '../parts/webhook-sender';

export interface ControlDependencies {
  book: Book;
  cashier: Cashier;
  faults: Faults;
  sender: WebhookSender;
  now: () => number;
}

/** `asked` times requested, moved money `effects` times: never more than once for one number. */
interface Movement {
  amount: number;
  asked: number;
  effects: number;
}

/** One order as the fault tests compare it with what the platform believes. */
export interface BookEntry {
  reference: string;
  order_id: string;
  status: Order['status'];
  amount: number;
  currency: string;
  charges: number;
  creates: number;
  capture: Order['capture'];
  /** Money taken, by captures too. */
  charged_amount: number;
  refunded_amount: number;
  captures: ({ capture_no: string } & Movement)[];
  refunds: ({ refund_no: string; status: string } & Movement)[];
  disputes: { dispute_id: string; status: string; amount: number; evidence: number }[];
  created_at: string;
  paid_at: string | null;
  checkout_path: string;
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
    capture: order.capture,
    charged_amount: charged(order),
    refunded_amount: refunded(order),
    captures: order.captures.map(({ captureNo, amount, asked, effects }) => ({
      capture_no: captureNo,
      amount,
      asked,
      effects,
    })),
    refunds: order.refunds.map(({ refundNo, amount, status, asked, effects }) => ({
      refund_no: refundNo,
      amount,
      status,
      asked,
      effects,
    })),
    disputes: order.disputes.map(({ disputeId, status, amount, evidence }) => ({
      dispute_id: disputeId,
      status,
      amount,
      evidence: evidence.length,
    })),
    created_at: instant(order.createdAt),
    paid_at: order.paidAt === null ? null : instant(order.paidAt),
    checkout_path: `/checkout/${order.token}`,
  };
}

/** What no provider has: its book laid open, and its bad days by order. */
export async function answerControl(
  deps: ControlDependencies,
  request: IncomingMessage,
  url: URL,
): Promise<Answer | undefined> {
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /healthz':
      return json(200, { status: 'ok' });
    case 'GET /sandbox/book':
      return json(200, openBook(deps, url));
    case 'GET /statement': {
      const date = url.searchParams.get('date') ?? statementDate(deps.now());
      const page = statementPage(deps.book.orders(), date, url.searchParams.get('cursor') ?? '0');
      return page ? json(200, page) : refusal(400, 'invalid_request', 'no such date or cursor');
    }
    default:
      return (await answerFaults(deps.faults, request, url)) ?? answerDisputes(deps, request, url);
  }
}

const entriesMax = 10_000;

function openBook({ book, sender }: ControlDependencies, url: URL) {
  const reference = url.searchParams.get('reference');
  const webhooks = { pending: sender.pending, dropped: sender.dropped };
  if (reference !== null) {
    const order = book.find(reference);
    return { orders: order ? [bookEntry(order)] : [], next_cursor: null, evicted: book.evicted, webhooks };
  }
  const start = Number(url.searchParams.get('cursor') ?? 0) || 0;
  const orders: BookEntry[] = [];
  let position = 0;
  for (const order of book.orders()) {
    if (position >= start + entriesMax) break;
    if (position >= start) orders.push(bookEntry(order));
    position += 1;
  }
  const more = position >= start + entriesMax;
  return { orders, next_cursor: more ? String(position) : null, evicted: book.evicted, webhooks };
}
