import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { answerWithFaults, strikeBefore, type BadDays } from '../parts/broken-answers';
import type { Faults } from '../parts/faults';
import { html, json, readBody, refusal, type Answer } from '../parts/http-answers';
import type { EcpayAccount } from './account';
import type { Book, NewOrder } from './book';
import type { Cashier } from './cashier';
import { cashierPage, refusedPage } from './cashier-page';
import { isChecked } from './check-code';
import { ways, type Order, type Way } from './order';

export interface CheckoutDependencies {
  account: EcpayAccount;
  book: Book;
  cashier: Cashier;
  faults: Faults;
  now: () => number;
}

const address = z.url({ protocol: /^https?$/ }).max(200);

const formSchema = z.object({
  MerchantTradeNo: z.string().regex(/^[0-9A-Za-z]{1,20}$/),
  MerchantTradeDate: z.string().regex(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d$/),
  PaymentType: z.literal('aio'),
  TotalAmount: z.string().regex(/^[1-9][0-9]{0,8}$/),
  TradeDesc: z.string().min(1).max(200),
  ItemName: z.string().min(1).max(400),
  ReturnURL: address,
  ChoosePayment: z.enum(ways),
  EncryptType: z.literal('1'),
  PaymentInfoURL: address.optional(),
  ClientBackURL: address.optional(),
  CustomField1: z.string().max(50).default(''),
  CustomField2: z.string().max(50).default(''),
  ExpireDate: z.coerce.number().int().min(1).max(60).optional(),
  StoreExpireDate: z.coerce.number().int().min(1).max(43_200).optional(),
});

/** The least and the most of one trade by each way. */
const amounts: Readonly<Record<Way, readonly [number, number]>> = {
  Credit: [5, 199_999],
  ATM: [11, 49_999],
  WebATM: [11, 49_999],
  CVS: [33, 20_000],
  BARCODE: [17, 20_000],
  ApplePay: [5, 199_999],
  TWQR: [6, 49_999],
};

const error = html(500, 'An error occurred.');
const badDays: BadDays = {
  internalError: error,
  notProcessed: html(403, 'Too many requests.'),
  rateLimited: html(403, 'Too many requests.'),
  withUnknownStatus: (answer) => answer,
};

/** The customer's browser arrives with the shop's form: the trade begins, or is refused on a page. */
export async function serveCheckout(
  deps: CheckoutDependencies,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const fields = Object.fromEntries(new URLSearchParams(await readBody(request)));
  const target = { operation: 'create', reference: fields['CustomField1'] ?? '' } as const;
  if (await strikeBefore(deps.faults, target, response, badDays)) return;
  const begun = begin(deps, fields);
  const wantsJson = String(request.headers.accept).includes('application/json');
  const answer = typeof begun === 'string' ? refused(begun, wantsJson) : opened(begun, wantsJson);
  await answerWithFaults(deps.faults, target, response, answer, badDays);
}

function begin(deps: CheckoutDependencies, fields: Record<string, string>): Order | string {
  if (!isChecked(deps.account, fields)) return '10200073 CheckMacValue verify fail';
  const form = formSchema.safeParse(fields).data;
  if (form === undefined) return '10200052 Parameter error';
  const [least, most] = amounts[form.ChoosePayment];
  const amount = Number(form.TotalAmount);
  if (amount < least || amount > most) return `10200052 TotalAmount must be from ${least} to ${most}`;
  const wanted: NewOrder = {
    orderNo: form.MerchantTradeNo,
    way: form.ChoosePayment,
    amount,
    itemName: form.ItemName,
    returnUrl: form.ReturnURL,
    paymentInfoUrl: form.PaymentInfoURL ?? null,
    clientBackUrl: form.ClientBackURL ?? null,
    customField1: form.CustomField1,
    customField2: form.CustomField2,
    payableUntil: payableUntil(form.ChoosePayment, form, deps.now()),
  };
  const order = deps.book.create(wanted);
  if (order === undefined) return '10300028 MerchantTradeNo is used already';
  deps.cashier.attend(order);
  return order;
}

function payableUntil(
  way: Way,
  { ExpireDate, StoreExpireDate }: { ExpireDate?: number | undefined; StoreExpireDate?: number | undefined },
  now: number,
): number | null {
  const dayMs = 86_400_000;
  switch (way) {
    case 'ATM':
      return now + (ExpireDate ?? 3) * dayMs;
    case 'CVS':
      return now + (StoreExpireDate ?? 10_080) * 60_000;
    case 'BARCODE':
      return now + (StoreExpireDate ?? 7) * dayMs;
    default:
      return null;
  }
}

function opened(order: Order, wantsJson: boolean): Answer {
  return wantsJson ? json(200, { cashier: `/cashier/${order.token}` }) : html(200, cashierPage(order));
}

function refused(reason: string, wantsJson: boolean): Answer {
  return wantsJson ? refusal(400, 'refused', reason) : html(200, refusedPage(reason));
}

/** What the page's buttons do: people get pages, scripts that accept JSON get JSON. */
export function answerCashier(
  { book, cashier }: Pick<CheckoutDependencies, 'book' | 'cashier'>,
  request: IncomingMessage,
  url: URL,
): Answer | undefined {
  const match = /^\/cashier\/([0-9a-f]{1,64})(?:\/(pay|decline|number))?$/.exec(url.pathname);
  if (match === null) return undefined;
  const [, token = '', action] = match;
  const wantsJson = String(request.headers.accept).includes('application/json');
  const order = book.findByToken(token);
  if (order === undefined) {
    return wantsJson ? refusal(404, 'not_found', 'no such trade') : html(404, refusedPage('No such trade.'));
  }
  if (request.method === 'GET' && action === undefined) return html(200, cashierPage(order));
  if (request.method !== 'POST' || action === undefined) return undefined;
  const isDone = act(cashier, order, action, url.searchParams.get('code') ?? '10100248');
  if (wantsJson) {
    return isDone
      ? json(200, { state: order.state, number: order.number })
      : refusal(409, 'not_payable', `the trade is ${order.state}`);
  }
  // A reload of what follows must not pay again.
  if (isDone) return { ...html(303, ''), headers: { location: `/cashier/${token}` } };
  return html(409, cashierPage(order));
}

function act(cashier: Cashier, order: Order, action: string, code: string): boolean {
  if (action === 'number') return cashier.takeNumber(order);
  return action === 'pay' ? cashier.pay(order) : cashier.decline(order, code);
}
