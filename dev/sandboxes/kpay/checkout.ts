import type { IncomingMessage } from 'node:http';
import type { Book } from './book';
import type { Cashier } from './cashier';
import { checkoutPage, noSuchOrderPage } from './checkout-page';
import { html, json, refusal, type Answer } from '../parts/http-answers';

export interface CheckoutDependencies {
  book: Book;
  cashier: Cashier;
}

/** The customer's side: people get pages, scripts that accept JSON get JSON. */
export function answerCheckout(
  { book, cashier }: CheckoutDependencies,
  request: IncomingMessage,
  url: URL,
): Answer | undefined {
  const match = /^\/checkout\/([0-9a-f]{1,64})(?:\/(pay|decline))?$/.exec(url.pathname);
  if (match === null) return undefined;
  const [, token = '', action] = match;
  const wantsJson = String(request.headers.accept).includes('application/json');
  const order = book.findByToken(token);
  if (order === undefined) {
    return wantsJson ? refusal(404, 'order_not_found', 'no such checkout') : html(404, noSuchOrderPage());
  }
  if (request.method === 'GET' && action === undefined) return html(200, checkoutPage(order));
  if (request.method !== 'POST' || action === undefined) return undefined;
  const result =
    action === 'pay'
      ? cashier.pay(order)
      : cashier.decline(order, url.searchParams.get('code') ?? 'card_declined');
  if (wantsJson) {
    return result.ok
      ? json(200, { status: order.status })
      : refusal(409, result.code, result.code.replaceAll('_', ' '));
  }
  // A reload of what follows must not pay again.
  if (result.ok) return { ...html(303, ''), headers: { location: `/checkout/${token}` } };
  return html(409, checkoutPage(order));
}
