import type { IncomingHttpHeaders } from 'node:http';
import type { BadDays } from '../../../../../sandboxes/parts/broken-answers';
import type { Answer } from '../../../../../sandboxes/parts/http-answers';
import type { NewchannelAccount } from './account';
import type { NewOrder, Refusal } from './book';
import type { Order, Refund } from './order';
import { unwritten } from './unwritten';

/**
 * NewChannel's words on the wire, as docs/channels/newchannel.md has them: all of this file is to be written, and
 * without a line of the adapter's, so that a mistake is not made twice. What the words do is done by the rest.
 */

export interface WireRequest {
  method: string;
  /** With its query. */
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What a merchant's server can ask for, whatever NewChannel calls it. */
export type Asked =
  | { kind: 'create'; order: NewOrder }
  | { kind: 'query' | 'cancel'; orderNo: string }
  | { kind: 'refund'; orderNo: string; refundNo: string; amount: number }
  | { kind: 'query_refund'; orderNo: string; refundNo: string };

/** The answer to a request whose signature is not the account's; undefined if it is. */
export function refuseSignature(
  _request: WireRequest,
  _account: NewchannelAccount,
  _now: number,
): Answer | undefined {
  return unwritten('how a request is signed');
}

/** Or the answer to one that does not read; undefined if there is no such path. */
export function readRequest(_request: WireRequest): Asked | { kind: 'refused'; answer: Answer } | undefined {
  return unwritten('what each path and message asks for');
}

/** The customer's address stands in it while there is something to pay. */
export function sayOrder(_order: Order, _customerUrl: string): Answer {
  return unwritten('the answer that is an order');
}

export function sayRefund(_order: Order, _refund: Refund): Answer {
  return unwritten('the answer that is a refund');
}

export function sayRefusal(_code: Refusal): Answer {
  return unwritten('the answer that is a refusal');
}

export function badDays(): BadDays {
  return unwritten('the answers of a bad day');
}

export type News = 'paid' | 'declined' | 'closed' | 'refund_succeeded' | 'refund_failed';

/** A webhook's body; made once, whatever the number of deliveries. */
export function sayEvent(_event: {
  id: string;
  news: News;
  order: Order;
  refund?: Refund;
  at: number;
}): string {
  return unwritten('the body of a webhook');
}

/** The headers of one delivery. */
export function signEvent(_body: string, _at: number, _account: NewchannelAccount): Record<string, string> {
  return unwritten('how a webhook is signed');
}

/** Whether this answer to a webhook makes NewChannel stop repeating it. */
export function isTaken(status: number, _answer: string): boolean {
  return status >= 200 && status < 300;
}
