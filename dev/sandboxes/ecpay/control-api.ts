import type { IncomingMessage } from 'node:http';
import { answerFaults } from '../parts/fault-controls';
import type { Faults } from '../parts/faults';
import { json, refusal, type Answer } from '../parts/http-answers';
import type { WebhookSender } from '../parts/webhook-sender';
import type { Book } from './book';
import type { Cashier } from './cashier';
import type { Order } from './order';

export interface ControlDependencies {
  book: Book;
  cashier: Cashier;
  faults: Faults;
  sender: WebhookSender;
}

/** One trade as tests compare it with what the platform believes; amounts in whole dollars. */
export interface BookEntry {
  reference: string;
  order_id: string;
  status: Order['state'] | 'abandoned';
  way: string;
  amount: number;
  currency: 'TWD';
  charges: number;
  creates: number;
  charged_amount: number;
  refunded_amount: number;
  closings: { amount: number; status: string }[];
  refunds: { amount: number; action: string }[];
  created_at: string;
  paid_at: string | null;
  cashier_path: string;
}

export function bookEntry(order: Order): BookEntry {
  return {
    reference: order.customField1,
    order_id: order.tradeNo,
    status: order.isAbandoned ? 'abandoned' : order.state,
    way: order.way,
    amount: order.amount,
    currency: 'TWD',
    charges: order.charges,
    creates: order.creates,
    charged_amount: order.charges === 0 ? 0 : order.amount,
    refunded_amount: order.refunds.reduce((sum, { amount }) => sum + amount, 0),
    closings: order.closings.map(({ amount, state }) => ({ amount, status: state })),
    refunds: order.refunds.map(({ amount, action }) => ({ amount, action })),
    created_at: new Date(order.createdAt).toISOString(),
    paid_at: order.paidAt === null ? null : new Date(order.paidAt).toISOString(),
    cashier_path: `/cashier/${order.token}`,
  };
}

/** What no provider has: its book laid open, its evening at any hour, and its bad days by order. */
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
    case 'POST /sandbox/close-day':
      deps.book.closeDay();
      return json(200, { closed: true });
    case 'POST /sandbox/simulate':
      return simulate(deps, url);
    default:
      return answerFaults(deps.faults, request, url);
  }
}

function simulate({ book, cashier }: ControlDependencies, url: URL): Answer {
  const order = book.findByReference(url.searchParams.get('reference') ?? '');
  if (order === undefined) return refusal(404, 'not_found', 'no such trade');
  cashier.simulate(order);
  return json(200, { simulated: true });
}

const entriesMax = 10_000;

function openBook({ book, sender }: ControlDependencies, url: URL) {
  const common = { evicted: book.evicted, webhooks: { pending: sender.pending, dropped: sender.dropped } };
  const reference = url.searchParams.get('reference');
  if (reference !== null) {
    const order = book.findByReference(reference);
    return { orders: order ? [bookEntry(order)] : [], next_cursor: null, ...common };
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
  return { orders, next_cursor: more ? String(position) : null, ...common };
}
