import type { IncomingMessage } from 'node:http';
import { json, refusal, type Answer } from '../../../../../sandboxes/parts/http-answers';
import type { Book } from './book';
import type { Cashier } from './cashier';

/** The customer's two choices, for scripts: `POST /customers/<token>/pay` and `/decline?reason=…`. */
export function answerCustomer(
  { book, cashier }: { book: Book; cashier: Cashier },
  request: IncomingMessage,
  url: URL,
): Answer | undefined {
  const match = /^\/customers\/([0-9a-f]{1,64})\/(pay|decline)$/.exec(url.pathname);
  if (match === null || request.method !== 'POST') return undefined;
  const [, token = '', choice] = match;
  const order = book.findByToken(token);
  if (order === undefined) return refusal(404, 'order_not_found', 'no such order');
  const reason = url.searchParams.get('reason') ?? 'customer_declined';
  const result = choice === 'pay' ? cashier.pay(order) : cashier.decline(order, reason);
  return result.ok ? json(200, { status: order.status }) : refusal(409, result.code, result.code);
}
