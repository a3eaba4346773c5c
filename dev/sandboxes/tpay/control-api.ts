import type { IncomingMessage } from 'node:http';
import { answerFaults } from '../parts/fault-controls';
import type { Faults } from '../parts/faults';
import { json, type Answer } from '../parts/http-answers';
import type { WebhookSender } from '../parts/webhook-sender';
import type { Book } from './book';
import { refunded, type Trade } from './trade';

export interface ControlDependencies {
  book: Book;
  faults: Faults;
  sender: WebhookSender;
}

/** One trade as the fault tests compare it with what the platform believes; amounts in whole dollars. */
export interface BookEntry {
  reference: string;
  order_id: string;
  status: Trade['state'];
  amount: number;
  currency: 'TWD';
  charges: number;
  creates: number;
  charged_amount: number;
  refunded_amount: number;
  refunds: { refund_no: string; amount: number; status: string; asked: number; effects: number }[];
  created_at: string;
  paid_at: string | null;
  wallet_path: string;
}

export function bookEntry(trade: Trade): BookEntry {
  return {
    reference: trade.orderNo,
    order_id: trade.tradeNo,
    status: trade.state,
    amount: trade.amount,
    currency: 'TWD',
    charges: trade.charges,
    creates: trade.creates,
    charged_amount: trade.paidAt === null ? 0 : trade.amount,
    refunded_amount: refunded(trade),
    refunds: trade.refunds.map(({ refundNo, amount, state, asked, effects }) => ({
      refund_no: refundNo,
      amount,
      status: state,
      asked,
      effects,
    })),
    created_at: new Date(trade.createdAt).toISOString(),
    paid_at: trade.paidAt === null ? null : new Date(trade.paidAt).toISOString(),
    wallet_path: `/wallet/${trade.token}`,
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
    default:
      return answerFaults(deps.faults, request, url);
  }
}

const entriesMax = 10_000;

function openBook({ book, sender }: ControlDependencies, url: URL) {
  const common = { evicted: book.evicted, webhooks: { pending: sender.pending, dropped: sender.dropped } };
  const reference = url.searchParams.get('reference');
  if (reference !== null) {
    const trade = book.find(reference);
    return { orders: trade ? [bookEntry(trade)] : [], next_cursor: null, ...common };
  }
  const start = Number(url.searchParams.get('cursor') ?? 0) || 0;
  const orders: BookEntry[] = [];
  let position = 0;
  for (const trade of book.trades()) {
    if (position >= start + entriesMax) break;
    if (position >= start) orders.push(bookEntry(trade));
    position += 1;
  }
  const more = position >= start + entriesMax;
  return { orders, next_cursor: more ? String(position) : null, ...common };
}
