import type { IncomingMessage } from 'node:http';
import { html, json, refusal, type Answer } from '../parts/http-answers';
import type { Book } from './book';
import type { Cashier } from './cashier';
import { noSuchTradePage, walletPage } from './wallet-page';

/** The customer's side: people get pages, scripts that accept JSON get JSON. */
export function answerWallet(
  { book, cashier }: { book: Book; cashier: Cashier },
  request: IncomingMessage,
  url: URL,
): Answer | undefined {
  const match = /^\/wallet\/([0-9a-f]{1,64})(?:\/(pay|decline))?$/.exec(url.pathname);
  if (match === null) return undefined;
  const [, token = '', action] = match;
  const wantsJson = String(request.headers.accept).includes('application/json');
  const trade = book.findByToken(token);
  if (trade === undefined) {
    return wantsJson ? refusal(404, 'TRADE_NOT_FOUND', 'no such code') : html(404, noSuchTradePage());
  }
  if (request.method === 'GET' && action === undefined) return html(200, walletPage(trade));
  if (request.method !== 'POST' || action === undefined) return undefined;
  const reason = url.searchParams.get('reason') ?? 'USER_DECLINED';
  const result = action === 'pay' ? cashier.pay(trade) : cashier.decline(trade, reason);
  if (wantsJson)
    return result.ok ? json(200, { state: trade.state }) : refusal(409, result.code, result.code);
  // A reload of what follows must not pay again.
  if (result.ok) return { ...html(303, ''), headers: { location: `/wallet/${token}` } };
  return html(409, walletPage(trade));
}
