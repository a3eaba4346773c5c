import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerWithFaults, strikeBefore } from '../../../../../sandboxes/parts/broken-answers';
import type { Faults, Operation } from '../../../../../sandboxes/parts/faults';
import { json, readBody, write, type Answer } from '../../../../../sandboxes/parts/http-answers';
import type { NewchannelAccount } from './account';
import type { Book } from './book';
import type { Cashier } from './cashier';
import type { Order } from './order';
import { badDays, readRequest, refuseSignature, sayOrder, sayRefund, sayRefusal, type Asked } from './words';

export interface MerchantApiDependencies {
  account: NewchannelAccount;
  book: Book;
  cashier: Cashier;
  faults: Faults;
  now: () => number;
  publicUrl: () => string;
}

const operationOf: Record<Asked['kind'], Operation> = {
  create: 'create',
  query: 'query',
  cancel: 'cancel',
  refund: 'refund',
  query_refund: 'query',
};

/** Does what a merchant's server asks for, with the faults of the day. */
export async function serveMerchant(
  deps: MerchantApiDependencies,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = '', url: path = '/', headers } = request;
  const wire = { method, path, headers, body: (await readBody(request)) ?? '' };
  const asked = readRequest(wire);
  if (asked === undefined) return write(response, json(404, { message: 'no such path' }));
  const refused = refuseSignature(wire, deps.account, deps.now());
  if (refused !== undefined) return write(response, refused);
  if (asked.kind === 'refused') return write(response, asked.answer);
  const reference = asked.kind === 'create' ? asked.order.orderNo : asked.orderNo;
  const target = { operation: operationOf[asked.kind], reference };
  const words = badDays();
  if (await strikeBefore(deps.faults, target, response, words)) return;
  await answerWithFaults(deps.faults, target, response, perform(deps, asked), words);
}

function perform(deps: MerchantApiDependencies, asked: Asked): Answer {
  const { book, cashier } = deps;
  const say = (order: Order) => sayOrder(order, `${deps.publicUrl()}/customers/${order.token}`);
  switch (asked.kind) {
    case 'create': {
      const created = book.create(asked.order);
      if (!created.ok) return sayRefusal(created.code);
      // Worded before anyone pays: the answer shows the order as it was made.
      const answer = say(created.value);
      cashier.attend(created.value);
      return answer;
    }
    case 'query': {
      const order = book.find(asked.orderNo);
      return order === undefined ? sayRefusal('order_not_found') : say(order);
    }
    case 'cancel': {
      const closed = book.close(asked.orderNo);
      return closed.ok ? say(closed.value) : sayRefusal(closed.code);
    }
    case 'refund': {
      const made = cashier.refund(asked.orderNo, asked);
      return made.ok ? sayRefund(made.value.order, made.value.refund) : sayRefusal(made.code);
    }
    case 'query_refund': {
      const order = book.find(asked.orderNo);
      const refund = order?.refunds.find(({ refundNo }) => refundNo === asked.refundNo);
      return order && refund ? sayRefund(order, refund) : sayRefusal('refund_not_found');
    }
  }
}
